# What metafor and clubSandwich give on the shipped review's effects: Rscript tests/reference/nssi_shipped.R > tests/reference/nssi_shipped.json
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
read <- function(name) {
  d <- read.csv(file.path("results/nssi/effects", paste0(name, ".csv")))
  d[d$status == "analysed", ]
}
che <- function(name) {
  d <- read(name)
  V <- impute_covariance_matrix(d$vi, d$study_id, r = 0.6)
  f <- rma.mv(yi, V, random = ~ 1 | study_id/effect_id, data = d, control = list(rel.tol = 1e-10))
  r <- coef_test(f, vcov = "CR2", cluster = d$study_id)
  list(k = nrow(d), estimate = r$beta, se = r$SE, df = r$df_Satt, pval = r$p_Satt,
       sigma2_study = f$sigma2[1], sigma2_effect = f$sigma2[2])
}
glmm <- function(name) {
  d <- read(name)
  n <- round(d$participants)
  x <- ifelse(is.na(d$events1), round(plogis(d$yi) * n), d$events1)
  f <- rma.glmm(measure = "PLO", xi = x, ni = n, test = "t")
  list(k = nrow(d), estimate = c(f$beta), se = f$se, df = f$k - 1, pval = f$pval, sigma2_study = f$tau2)
}
names <- c("neural", "psychosocial", "severity", "treatment")
expected <- c(setNames(lapply(names, che), names), list(prevalence = glmm("prevalence")))
source <- list(r = R.version.string, metafor = as.character(packageVersion("metafor")),
               clubSandwich = as.character(packageVersion("clubSandwich")))
cat(toJSON(list(source = source, expected = expected), auto_unbox = TRUE, digits = 12, pretty = TRUE), "\n")
