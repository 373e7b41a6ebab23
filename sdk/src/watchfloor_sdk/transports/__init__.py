"""Ways to a vendor besides HTTP, each with an extra of its own and imported only where used.

    from watchfloor_sdk.transports import websocket

==============  =====================================================  ===============
``websocket``   a subscription over WebSocket                          ``[websocket]``
``mqtt``        topics of an MQTT broker                               ``[mqtt]``
``drop``        files that somebody puts into a folder                 --
``sftp``        the same on a server of the vendor's                   ``[sftp]``
``sql``         a replica of the vendor's database, read only          ``[sql]``
==============  =====================================================  ===============

All of them connect through ``ctx.network``, verify certificates, keep deadlines, and raise our
errors, sorted by what to do next and without content.
"""
