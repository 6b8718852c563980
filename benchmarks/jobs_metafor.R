# The jobs in metafor, with clubSandwich for CR2; see jobs_metacircuit.py for what each returns.
#
#   Rscript jobs_metafor.R CASES.tsv SECONDS RUNS
#
# CASES.tsv has a line for each case: job, file of doubles, names of its columns with commas. Prints a line of JSON each.

suppressPackageStartupMessages(library(metafor))

read_columns <- function(file, names) {
  values <- readBin(file, "double", file.size(file) / 8)
  as.data.frame(matrix(values, ncol = length(names), dimnames = list(NULL, names)))
}

sets_of_20 <- function(d) split(d, rep(seq_len(nrow(d) / 20), each = 20))

# What happens before the clock starts: metacircuit builds V within its time, metafor gets it for nothing.
with_v <- function(d) {
  d$row <- seq_len(nrow(d))
  list(d = d, V = vcalc(v, cluster = study, obs = row, rho = 0.6, data = d))
}
prepare <- list(che = with_v, without_study = with_v, without_study_v = with_v, reml_many = sets_of_20)

# metafor leaves studies out of univariate models only: each refit is a call of its own.
without_study <- function(p) {
  sum(sapply(unique(p$d$study), function(out) {
    kept <- p$d$study != out
    d <- p$d[kept, ]
    fit <- rma.mv(y, p$V[kept, kept], random = ~ 1 | study / row, data = d, sparse = TRUE)
    tested <- robust(fit, cluster = d$study, clubSandwich = TRUE)
    tested$beta[1] + tested$se[1]
  }))
}

jobs <- list(
  che = function(p) {
    fit <- rma.mv(y, p$V, mods = ~ x, random = ~ 1 | study / row, data = p$d, sparse = TRUE)
    robust(fit, cluster = p$d$study, clubSandwich = TRUE)$se[2]
  },
  reml_many = function(sets) sum(sapply(sets, function(d) rma(y, v, data = d)$tau2)),
  reml = function(d) rma(y, v, data = d)$tau2,
  smd = function(d) mean(escalc("SMD", m1i = m1i, m2i = m2i, sd1i = sd1i, sd2i = sd2i, n1i = n1i, n2i = n2i, data = d)$yi),
  influence = function(d) {
    fit <- rma(y, v, data = d)
    sum(influence(fit)$inf$cook.d) + sum(leave1out(fit)$estimate)
  },
  gosh_reml = function(d) mean(gosh(rma(y, v, data = d), progbar = FALSE)$res$estimate, na.rm = TRUE),
  gosh_dl = function(d) mean(gosh(rma(y, v, data = d, method = "DL"), progbar = FALSE)$res$estimate),
  permutation = function(d) permutest(rma(y, v, data = d), exact = TRUE, progbar = FALSE)$pval[1],
  without_study = without_study,
  without_study_v = without_study
)

# Memory of this process in MiB, where the system tells.
memory <- function(key) {
  if (!file.exists("/proc/self/status")) return(NA)
  line <- grep(key, readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

# Whether the peak could be made to start anew.
forget_peak <- function() {
  tryCatch({ cat("5", file = "/proc/self/clear_refs"); TRUE }, error = function(e) FALSE, warning = function(w) FALSE)
}

measure <- function(job, work, seconds, runs) {
  wall <- cpu <- numeric(0)
  gc()
  before <- if (forget_peak()) memory("VmRSS") else NA
  extra <- NA
  repeat {
    start <- proc.time()
    value <- suppressWarnings(job(work))
    spent <- proc.time() - start
    wall <- c(wall, spent[["elapsed"]])
    cpu <- c(cpu, spent[["user.self"]] + spent[["sys.self"]])
    if (length(wall) == 1) extra <- memory("VmHWM") - before
    if (length(wall) > runs || sum(wall) > seconds) break
  }
  list(wall = wall, cpu = cpu, memory = extra, value = value)
}

json <- function(result) {
  number <- function(x) ifelse(is.na(x), "null", format(x, digits = 15))
  list_of <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
  sprintf(
    '{"wall": %s, "cpu": %s, "memory": %s, "value": %s}',
    list_of(result$wall), list_of(result$cpu), number(result$memory), number(result$value)
  )
}

arguments <- commandArgs(trailingOnly = TRUE)
cases <- read.delim(arguments[1], header = FALSE, col.names = c("job", "file", "columns"))
for (i in seq_len(nrow(cases))) {
  d <- read_columns(cases$file[i], strsplit(cases$columns[i], ",")[[1]])
  ready <- prepare[[cases$job[i]]]
  work <- if (is.null(ready)) d else ready(d)
  cat(json(measure(jobs[[cases$job[i]]], work, as.numeric(arguments[2]), as.numeric(arguments[3]))), "\n")
}
