"""What the replicas of the event store have still to do: a change is done when all of them have done it.

A change is submitted to one replica, which writes it down for all. One that is down does it when it is back. Nobody
waits for that in a request.
"""

from typing import Final

from heropixel.events.store import Events


def still_to_do(events: Events) -> str:
    """Which replicas have changes to do, in words; empty where all changes are done on all of them.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    place = events.place
    if not place.has_replicas:
        return ""
    mutations = f"clusterAllReplicas('{place.cluster}', system.mutations)" if place.cluster else "system.mutations"
    busy = [host for (host,) in events.ask(_BUSY.format(mutations=mutations), database=place.database)]
    said = [f"changes are under way on {', '.join(busy)}"] if busy else []
    if place.cluster:
        ((known,),) = events.ask(_KNOWN, cluster=place.cluster)
        ((there,),) = events.ask(_THERE.format(cluster=place.cluster))
        if there < known:
            said.append(f"{known - there} of {known} replicas do not answer, and do their changes when they are back")
    return "; ".join(said)


_SKIPPING: Final = "SETTINGS skip_unavailable_shards = 1"
_BUSY: Final = f"""
    SELECT DISTINCT hostName() AS host FROM {{mutations}}
    WHERE database = {{{{database:String}}}} AND NOT is_done ORDER BY host {_SKIPPING}
"""  # noqa: S608 - constants
_KNOWN: Final = "SELECT count() FROM system.clusters WHERE cluster = {cluster:String}"
_THERE: Final = f"SELECT count() FROM clusterAllReplicas('{{cluster}}', system.one) {_SKIPPING}"  # noqa: S608 - a constant
