# One job, or the operator with the jobs, as an image: Node and bundles. tools/image.mjs makes the context and gives the labels.
#
#   nx run extract-purchases:image
#
# Where a registry can be reached, name the base by its digest: NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE}

ARG TITLE
ARG DESCRIPTION
ARG VERSION
ARG REVISION
ARG LICENSES
ARG SOURCE
ARG VARIABLES
LABEL org.opencontainers.image.title="${TITLE}" \
      org.opencontainers.image.description="${DESCRIPTION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="${LICENSES}" \
      org.opencontainers.image.source="${SOURCE}" \
      user-behaviour.variables="${VARIABLES}"

ENV NODE_ENV=production
WORKDIR /app
COPY . ./
# The job's machine code, for the Node of this image: it starts a quarter sooner (docs/adr/0016-start-up.md). The operator,
# which is started once a day, has none.
RUN ["/usr/local/bin/node", "--eval", "if (fs.existsSync('/app/compile.mjs')) import('/app/compile.mjs')"]
# A number, so that Kubernetes can see that it is not root.
USER 1000:1000
# Node itself is process 1 and gets SIGTERM; add --init (docs/adr/0011-node-is-process-one.md). The option is that of every start of a job: it bounds the
# young generation (MiB), which would grow to twice the memory.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=8", "/app/main.mjs"]
