# The image holds the binary and certificates to trust, nothing else: no shell, no libc, no Helm.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev gcc make perl cmake ca-certificates && rustup component add llvm-tools
WORKDIR /src
COPY . .
RUN cp "$(cargo xtask build)" /pintle

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /pintle /pintle
# Nothing is written: run it with a read-only root file system.
USER 65532:65532
ENTRYPOINT ["/pintle"]
CMD ["operator", "run"]
