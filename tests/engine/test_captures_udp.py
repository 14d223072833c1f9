"""Every recording over the real UDP port gives, at every checkpoint, what its list says."""
import captures
import lib

captures.all_recordings("udp")
lib.run()
