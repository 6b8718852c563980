# What clubSandwich and metafor give for the groups of the shipped review's effects:
# Rscript tests/reference/nssi_groups.R > tests/reference/nssi_groups.json
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
RHO <- 0.6
LEAST <- 3
read <- function(name, ...) {
  d <- read.csv(file.path("results/nssi/effects", paste0(name, ".csv")))
  d <- d[d$status == "analysed", ]
  for (f in c(...)) d <- d[d[[f]] != "", ]
  d
}
fit <- function(d, mods, ...) {
  V <- impute_covariance_matrix(d$vi, d$study_id, r = RHO)
  X <- model.matrix(mods, d)[, -1, drop = FALSE]
  suppressWarnings(rma.mv(yi, V, mods = X, random = ~ 1 | study_id/effect_id, data = d, ...))
}
enough <- function(d, f) {
  n <- tapply(d$study_id, d[[f]], function(x) length(unique(x)))
  d[d[[f]] %in% names(n)[n >= LEAST], ]
}
interaction <- function(name, a, b) {
  d <- read(name, a, b)
  additive <- fit(d, reformulate(c(a, b)))
  full <- fit(d, reformulate(paste(a, b, sep = "*")))
  terms <- grep(":", rownames(full$beta))
  w <- Wald_test(full, constraints = constrain_zero(terms), vcov = "CR2", test = "HTZ")
  list(QM = w$Fstat, df1 = w$df_num, df2 = w$df_denom, pval_htz = w$p_val,
       sigma2_study_additive = additive$sigma2[1], sigma2_effect_additive = additive$sigma2[2],
       sigma2_study = full$sigma2[1], sigma2_effect = full$sigma2[2])
}
difference <- function(name, f, first, second, bound) {
  d <- enough(read(name, f), f)
  d[[f]] <- relevel(factor(d[[f]]), first)
  r <- coef_test(fit(d, reformulate(f)), vcov = "CR2")[paste0(f, second), ]
  est <- r$beta; se <- r$SE; df <- r$df_Satt
  lower <- pt((est + bound) / se, df, lower.tail = FALSE)
  upper <- pt((est - bound) / se, df)
  list(estimate = est, se = se, df = df, pval = r$p_Satt, pval_lower = lower, pval_upper = upper,
       ci_lb = est - qt(.95, df) * se, ci_ub = est + qt(.95, df) * se)
}
scales <- function(name, f) {
  d <- enough(read(name, f), f)
  d$cell <- paste(d[[f]], d$study_id)
  e <- escalc(measure = "GEN", yi = yi, vi = vi, data = d)
  m <- aggregate(e, cluster = cell, struct = "CS", rho = RHO)
  m$f <- m[[f]]
  own <- rma(yi, vi, mods = ~ f, scale = ~ f, data = m, control = list(reltol = 1e-14))
  common <- rma(yi, vi, mods = ~ f, scale = ~ 1, data = m, control = list(reltol = 1e-14))
  levels <- sort(unique(m$f))
  p <- predict(own, newscale = cbind(outer(levels, levels[-1], "==") * 1))
  V <- impute_covariance_matrix(d$vi, d$study_id, r = RHO)
  d$f <- d[[f]]
  mv <- function(s) rma.mv(yi, V, mods = ~ f - 1, random = list(~ f | study_id, ~ 1 | effect_id), struct = s, data = d)
  diagonal <- mv("DIAG"); same <- mv("ID")
  list(levels = levels, QS = own$QS, pval = own$QSp, LRT = 2 * c(logLik(own) - logLik(common)), tau2 = exp(p$pred),
       tau2_lb = exp(p$ci.lb), tau2_ub = exp(p$ci.ub), diag_tau2 = diagonal$tau2,
       diag_LRT = 2 * c(logLik(diagonal) - logLik(same)))
}
expected <- list(
  interaction = list(neural = interaction("neural", "disorder", "circuit"),
                     severity = interaction("severity", "disorder", "circuit")),
  difference = difference("neural", "disorder", "borderline_personality_disorder", "depressive_disorder", 0.2),
  variances = list(neural_disorder = scales("neural", "disorder"), severity_circuit = scales("severity", "circuit")))
source <- list(r = R.version.string, metafor = as.character(packageVersion("metafor")),
               clubSandwich = as.character(packageVersion("clubSandwich")))
cat(toJSON(list(source = source, expected = expected), auto_unbox = TRUE, digits = 12, na = "null", pretty = TRUE), "\n")
