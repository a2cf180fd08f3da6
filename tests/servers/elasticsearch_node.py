"""An Elasticsearch node in this process until it is killed: `HOME HTTP_PORT TRANSPORT_PORT`."""

import sys
import threading
from pathlib import Path

import jpype

from tests.servers.java import libjvm

OPTIONS = ("-Xms1g", "-Xmx1g", "--enable-native-access=ALL-UNNAMED")


def main(home: Path, http: str, transport: str) -> None:
    """Start the node; it says "started" when it is."""
    jpype.startJVM(
        libjvm(),
        *OPTIONS,
        f"-Des.path.home={home}",
        f"-Djava.io.tmpdir={home / 'logs'}",
        classpath=[str(jar) for jar in sorted((home / "lib").iterdir())],
        convertStrings=False,
    )
    environment = _environment(home, http, transport)
    plugins = jpype.JClass("org.elasticsearch.plugins.PluginsLoader")
    modules = plugins.loadModulesBundles(environment.modulesDir(), False)
    bundles = plugins.loadPluginsBundles(environment.pluginsDir(), False)
    loader = plugins.createPluginsLoader(modules, bundles, _map(), False)
    jpype.JClass("org.elasticsearch.node.Node")(environment, loader).start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    threading.Event().wait()


def _environment(home: Path, http: str, transport: str) -> jpype.JObject:
    jpype.JClass("org.elasticsearch.common.logging.LogConfigurator").configureESLogging()
    given = {
        "path.home": str(home),
        "cluster.name": "huiying-tests",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "http.type": "netty4",
        "transport.type": "netty4",
        # A test machine with a full disk is no reason to refuse to write.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    settings = jpype.JClass("org.elasticsearch.common.settings.Settings").builder()
    for name, value in given.items():
        settings.put(name, value)
    prepare = jpype.JClass("org.elasticsearch.node.InternalSettingsPreparer").prepareEnvironment
    config = jpype.JClass("java.nio.file.Path").of(str(home / "config"))
    name = jpype.JProxy("java.util.function.Supplier", dict={"get": lambda: jpype.JString("tests")})
    return prepare(settings.build(), _map(), config, name)


def _map() -> jpype.JObject:
    return jpype.JClass("java.util.HashMap")()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
