"""The adapters of the ports, one folder or module per engine. Only `app` names one; everybody else receives a `Storage`."""
