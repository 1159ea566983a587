"""The names of `torch.autograd`."""

from ..engine import backward, grad
from ..function import Function
from ..gradcheck import GradcheckError, gradcheck, gradgradcheck
from ..modes import detect_anomaly, enable_grad, inference_mode, no_grad, set_detect_anomaly
from ..modes import set_grad_enabled
from . import function, graph
