#!/bin/sh
# Build the environment in .venv from a lock file: environment.sh LOCKFILE
# Each thing that can be missing on a new machine gets one clear sentence.
set -u
lock=$1
venv=.venv

fail() {
    printf 'metacircuit: %s\n' "$1" >&2
    exit 1
}

enough='import sys; sys.exit(sys.version_info < (3, 11))'

whole() {
    # An interrupted set-up leaves a python without pip, or one that takes the machine's packages for its own.
    [ -x "$venv/bin/python" ] && [ -f "$venv/pyvenv.cfg" ] &&
        "$venv/bin/python" -c "$enough" 2>/dev/null && "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

found_instead() {
    tried=${PYTHON:-python3}
    if ! command -v "$tried" >/dev/null 2>&1; then
        printf 'there is no %s' "$tried"
    elif version=$("$tried" --version 2>&1) && [ -n "$version" ]; then
        printf '%s is %s' "$tried" "$version"
    else
        printf '%s does not run' "$tried"
    fi
}

if ! whole; then
    found=
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if command -v "$python" >/dev/null 2>&1 && "$python" -c "$enough" 2>/dev/null; then
            found=$python
            break
        fi
    done
    [ -n "$found" ] || fail "Python 3.11 or newer is needed, and $(found_instead); install it, or name it with \`make PYTHON=/path/to/python3\`."
    "$found" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$found cannot make virtual environments; install its venv module (Debian and Ubuntu: apt install python3-venv) and run \`make\` again."
    rm -rf "$venv"
    "$found" -m venv "$venv" || fail "the virtual environment could not be made in $(pwd)/$venv; is the folder writable?"
fi

printf 'metacircuit: installing the exact versions of %s into %s (about a minute, once) …\n' "$lock" "$venv" >&2
mkdir -p "$venv/log"
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --require-hashes -r "$lock" >"$venv/log/pip.log" 2>&1; then
    tail -n 5 "$venv/log/pip.log" >&2
    if grep -qiE 'NewConnectionError|ConnectTimeout|Temporary failure in name resolution|No matching distribution|ProxyError|Network is unreachable|Max retries exceeded' "$venv/log/pip.log"; then
        fail "the packages could not be downloaded; check the network connection (or pip's index setting) and run \`make\` again."
    fi
    fail "the packages could not be installed; $venv/log/pip.log says why."
fi
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . >>"$venv/log/pip.log" 2>&1 ||
    fail "metacircuit itself could not be installed; $venv/log/pip.log says why."
