"""Draw a trace: storages, tensors, versions and the graph, all of it true and nothing left out.

From front to back: `scene` says what there is, `rows` in which order it stands, and `folding` what
of a long run is drawn one by one; `frames` says what each step shows of it, and `tallies` that of
the folds; `dot` lays it out, `render` runs Graphviz, `routes` has the ways of the arrows, `svg` puts
words and arrows in; `style` is the look. `narrate` tells each step and `describe` a whole state in
words. `picture` is where they meet, and `live` draws what there is without a recording. Beside the
graph stand the version lanes: `moments` has what happened to each counter, `timeline` what each
step shows of it, `tracks` draws it.
"""

from .live import draw
from .picture import Drawing, Picture, picture
from .render import RendererNotFound
from .timeline import Lanes, lanes

__all__ = ["Drawing", "Lanes", "Picture", "RendererNotFound", "draw", "lanes", "picture"]
