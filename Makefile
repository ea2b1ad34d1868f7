# `make help` lists the targets. They are in infra/, where `make -C infra` runs them as well.
include infra/Makefile
