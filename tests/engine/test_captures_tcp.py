"""Every recording over the real TCP port gives, at every checkpoint, what its list says."""
import captures
import lib

captures.all_recordings("tcp")
lib.run()
