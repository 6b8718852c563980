import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.figures.panel import Box
from metacircuit.figures.point_labels import place_names
from metacircuit.figures.style import DEFAULT
from metacircuit.figures.typeface import width

BOX = Box(0.0, 300.0, 0.0, 200.0)
RADIUS = 2.0


def boxes(placed):
    """Left, right, top and bottom of the small letters of names."""
    size = DEFAULT.small
    return [(n.x, n.x + width(n.text, size), n.baseline - 0.5 * size, n.baseline) for n in placed]


def test_a_lone_point_has_its_name_at_the_right():
    (name,) = place_names(np.array([[100.0, 100.0]]), ["A"], [0], BOX, DEFAULT, radius=RADIUS, most=5)
    assert name.x > 100 + RADIUS
    assert abs(name.baseline - 100) < DEFAULT.small


def test_at_the_right_edge_a_name_stands_at_the_left():
    (name,) = place_names(np.array([[298.0, 100.0]]), ["Name"], [0], BOX, DEFAULT, radius=RADIUS, most=5)
    assert name.x + width("Name", DEFAULT.small) < 298


def test_the_most_important_come_first_and_no_more_than_asked_for():
    points = np.array([[50.0, 20.0 * n + 20] for n in range(8)])
    placed = place_names(points, [f"S{n}" for n in range(8)], [5, 3, 1, 0], BOX, DEFAULT, radius=RADIUS, most=3)
    assert [name.text for name in placed] == ["S5", "S3", "S1"]


def test_two_effects_of_a_study_at_one_place_have_one_name():
    points = np.array([[50.0, 50.0], [50.5, 50.0], [150.0, 50.0]])
    placed = place_names(points, ["A", "A", "A"], [0, 1, 2], BOX, DEFAULT, radius=RADIUS, most=5)
    assert [name.point for name in placed] == [0, 2]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), min_size=1, max_size=40))
def test_names_meet_neither_each_other_nor_a_point_nor_the_edge(found):
    points = np.array(found)
    names = [f"Author {n}" for n in range(len(points))]
    placed = place_names(points, names, range(len(points)), BOX, DEFAULT, radius=RADIUS, most=20)
    areas = boxes(placed)
    for n, (left, right, top, bottom) in enumerate(areas):
        assert left >= 0
        assert right <= 300
        assert top >= 0
        assert bottom <= 200
        inside = (points[:, 0] > left) & (points[:, 0] < right) & (points[:, 1] > top) & (points[:, 1] < bottom)
        assert not inside.any()
        for other in areas[:n]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
