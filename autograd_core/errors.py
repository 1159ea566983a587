"""How the core refuses and warns, in PyTorch's wording.

A student who pastes one of these sentences into a search box should land where PyTorch users land. The
sentences that stand for themselves come first; below them are those that have parts to put together.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

# The whole sentences, one a line, so that a search finds each. `{}` is filled in where it is said;
# type names are without the `torch.` prefix.
# fmt: off

# Any operation
WRONG_ARGUMENT = "{}(): argument '{}'{} must be {}, not {}"

FITS_NONE = "{}() received an invalid combination of arguments - got ({}), but expected one of:\n{}"
STRANGE_KEYWORDS = "didn't match because some of the keywords were incorrect"
WRONG_KINDS = "didn't match because some of the arguments have invalid types"

# Backward and the graph
NON_LEAF_GRAD = "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information."
SECOND_BACKWARD = "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward."
NO_GRADIENT_EDGE = "It is not possible to get the gradient edge for a Tensor that does not require gradients"
CREATE_GRAPH_CYCLE = "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use this function, make sure to reset the .grad fields of your parameters to None after use to break the cycle and avoid the leak."
ONLY_INPUTS = "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other parts of the graph, please use torch.autograd.backward."
NO_GRAD_FN = "element {} of tensors does not require grad and does not have a grad_fn"
ROOT_SHAPE = "Mismatch in shape: grad_output[{0}] has a shape of torch.Size({1}) and output[{0}] has a shape of torch.Size({2})."
NO_INPUT = "all inputs have to be Tensors or GradientEdges, but got {}"
UNUSED_INPUT = "The differentiated Tensor at index {} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."
INVALID_GRADIENT = "{} gradient at index {} - got {} but expected shape compatible with {}"
GRAD_SIZE = "attempting to assign a gradient of size '{}' to a tensor of size '{}'. Please ensure that the gradient and the tensor are the same size"
GRAD_LAYOUT = "grad and param do not obey the gradient layout contract. This is not an error, but may impair performance.\ngrad.sizes() = {}, strides() = {}\nparam.sizes() = {}, strides() = {}"
GRAD_DTYPE = "attempting to assign a gradient with dtype '{.c_name}' to a tensor with grad_dtype '{.scalar_name}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match."
HINT = "enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
ANOMALY_HINT = "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!"
RECORD_IT = "Which line wrote it? Run this again inside `with autograd_core.record():`, or with `%%autograd` at the top of the cell, and this note will name the line."
GRAD_OF_WHAT = "assigned grad expected to be a Tensor or None but got grad of type {}"
GRADIENT_OF_WHAT = "gradients can be either Tensors or None, but got {}"
FEW_GRADIENTS = "got {} tensors and {} gradients"
UNUSED_BUT_MATERIALIZED = "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
ANOMALY_IS_SLOW = "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging."
NAN_GRADIENT = "Function '{}' returned nan values in its {}th output."

OTHER_VERSION = "one of the variables needed for gradient computation has been modified by an inplace operation: [{} {}]{} is at version {}; expected version {} instead. Hint: {}"
FAILED_FORWARD = "Traceback of forward call that caused the error:\n{}"
HOOK_NOT_COPIED = "backward hook {!r} on tensor will not be serialized.  If this is expected, you can decorate the function with @torch.utils.hooks.unserializable_hook to suppress this warning"
OTHER_SIZE_IN_PLACE = "Bad in-place call: input tensor size {} and output tensor size {} should match"
ENDS_WITH_DIMENSIONS = "linspace only supports 0-dimensional start and end tensors, but got {}."
REPEATED_TO_CHECK = "The {}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck."
NO_ROOM_FOR_NUMBER = "value cannot be converted to type {} without overflow"
NO_FORWARD = "No forward pass information available. Enable detect anomaly during forward pass for more information."

# Flags, hooks and cuts
NON_FLOAT_REQUIRES_GRAD = "Only Tensors of floating point and complex dtype can require gradients"
NON_FLOAT_ASSIGNED = "only Tensors of floating point and complex dtype can require gradients"
NON_FLOAT_REQUIRES_GRAD_ = "only Tensors of floating point dtype can require gradients"
NON_FLOAT_DATA = "data set to a tensor that requires gradients must be floating point or complex dtype"
NON_LEAF_ASSIGNED = "you can only change requires_grad flags of leaf variables."
NON_LEAF_REQUIRES_GRAD = "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
HOOK_WITHOUT_GRAD = "cannot register a hook on a tensor that doesn't require gradient"
HOOK_RETURNED = "expected {}, but hook returned '{}'"
POST_HOOK_NON_LEAF = "post accumulate grad hooks cannot be registered on non-leaf tensors"
DETACH_VIEW_IN_PLACE = "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
DEEPCOPY_NON_LEAF = "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
SAVED_IS_DETACHED = "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not supported, please use out-of-place `.detach()` instead"
SAVED_HOOKS_TWICE = "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is allowed at a time."
PACK_HOOK_WRITES = "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook."
INFERENCE_SAVED = "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
INFERENCE_WRITE = "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
INFERENCE_REQUIRES_GRAD = "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
INFERENCE_VERSION = "Inference tensors do not track version counter."
WRONG_NUMBER_FROM_HOOK = "hook '{}' has returned an incorrect number of values (got {}, but expected {})"
HOOK_CHANGED_TYPE = "hook '{}' has changed the type of value (was {.type_name} got {.type_name})"
UNPACKED_WHAT = "Output of saved tensor unpack_hook expected to be a Tensor but got result of type {}"

# Writing in place
LEAF_IN_PLACE = "a leaf Variable that requires grad is being used in an in-place operation."
LEAF_VIEW_IN_PLACE = "a view of a leaf Variable that requires grad is being used in an in-place operation."
LEAF_WRITTEN_BY_FUNCTION = "a leaf Variable that requires grad has been used in an in-place operation."
VIEW_OF_MODE = "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the {mode} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
VIEW_OF_FUNCTION = "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function."
ONE_OF_SEVERAL_VIEWS = "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
OVERLAPPING_WRITE = "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation."
OVERLAPPING_READ = "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation."
WRITTEN_EXPANDED = "Use of {} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This also applies to advanced indexing e.g. {}"
OTHER_SHAPE_WRITTEN = "output with shape {} doesn't match the broadcast shape {}"
OTHER_KIND_WRITTEN = "result type {.scalar_name} can't be cast to the desired output type {.scalar_name}"
OTHER_KIND_CLAMPED = "result type {.scalar_name} can't be cast to the desired output type {.c_name}"
WRITE_OF_WHAT = "can't assign a {} to a torch.{.type_name}"
SET_TO_OTHER_TYPE = "Could not set tensor of type {.c_name} to a tensor of type {.c_name}"
FILL_OF_MANY = "fill_ only supports 0-dimension value tensor but got tensor with {} dimensions."

# A user's Function
FUNCTION_FORWARD = "You must implement the forward function for custom autograd.Function."
FUNCTION_CALLED = "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
FUNCTION_BACKWARD = "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."
FUNCTION_INSTANCE = "{} should not be instantiated. Methods on autograd functions are all static, so you should invoke them on the class itself. Instantiating an autograd function will raise an error in a future version of PyTorch."
ONCE_DIFFERENTIABLE = "trying to differentiate twice a function that was marked with @once_differentiable"
LEAF_IN_GRAD = "A leaf node was passed to _will_engine_execute_node but we are currently running autograd.grad(). This is currently not supported."
DIRTY_NOT_RETURNED = "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function."
DIRTY_VIEW_OF_SEVERAL = "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change."
WRONG_NUMBER_OF_GRADIENTS = "function {} returned an incorrect number of gradients (expected {}, got {})"
GRADIENT_OF_NO_TENSOR = "function {} returned a gradient different than None at position {}, but the corresponding forward input was not a Variable"
SAVED_WHAT = "save_for_backward can only save variables, but argument {} is of type {}"

# Checking gradients
NOTHING_TO_CHECK = "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
NO_DOUBLE_TO_CHECK = "Input #{} requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex."
OTHER_JACOBIAN = "Jacobian mismatch for output {} with respect to input {},\nnumerical:{}\nanalytical:{}"
OTHER_EACH_TIME = "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was {}."
UNDEFINED_GRADIENTS = 'Backwards compatibility: New undefined gradient support checking feature is enabled by default, but it may break existing callers of this function. If this is true for you, you can call this function with "check_undefined_grad=False" to disable the feature'
GRADIENT_FROM_NOTHING = "Expected all input grads to be undefined or zero when all output grads are undefined or zero. Please look at \"Notes about undefined output gradients\" in \"tools/autograd/derivatives.yaml\""

# From Python and NumPy, and back
COPY_OF_TENSOR = "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor)."
SCALAR_REQUIRES_GRAD = "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using tensor.detach() first."
MANY_TO_SCALAR = "only one element tensors can be converted to Python scalars"
NEGATIVE_STRIDE = "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. (You can probably work around this by making a copy of your array  with array.copy().)"
FOREIGN_BYTE_ORDER = "given numpy array has byte order different from the native byte order. Conversion between byte orders is currently not supported."
READ_ONLY = "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to this tensor will result in undefined behavior. You may want to copy the array to protect its data or make it writable before converting it to a tensor. This type of warning will be suppressed for the rest of this program."
SLOW_LIST = "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to a single numpy.ndarray with numpy.array() before converting to a tensor."
UNKNOWN_ARRAY_TYPE = "can't convert np.ndarray of type numpy.{}. The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool."
NUMPY_REQUIRES_GRAD = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
RAGGED = "expected sequence of length {} at dim {} (got {})"
NO_WHOLE = "'{}' object cannot be interpreted as an integer"
NEGATIVE_SIZE = "Trying to create tensor with negative dimension {}: {}"
EMPTY_RANGE = "random_ expects 'from' to be less than 'to', but got from={} >= to={}"
NO_INTEGER = "only integer tensors of a single element can be converted to an index"
CONTAINS_WHAT = "Tensor.__contains__ only supports Tensor or scalar, but you passed in a {}."

# Elementwise
SUBTRACT_BOOLS = "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
SUBTRACT_BOOL = "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
NEGATE_BOOL = "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
FLOAT_ALPHA = "For integral input tensors, argument alpha must not be a floating point number."
WHERE_OF_BYTES = "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of PyTorch. Use a boolean condition instead."
UNKNOWN_ROUNDING = "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{}'"
INVERT_FLOAT = "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
CONDITION_OF_OTHER_TYPE = "where expected condition to be a boolean tensor, but got a tensor with dtype {.scalar_name}"
MASK_OF_OTHER_TYPE = "masked_fill_ only supports boolean masks, but got mask with dtype {.c_name}"
MASKED_WITH_MANY = "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {} dimension(s)."

DTYPES_DIFFER = "{.scalar_name} did not match {.scalar_name}"
UNEVEN = "The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension {}"
IMPLICIT_DIM = "Implicit dimension choice for {} has been deprecated. Change the call to include dim=X as an argument."

# Reductions
MEAN_OF_INTEGERS = "mean(): could not infer output dtype. {} dtype must be either a floating point or complex dtype. Got: {.scalar_name}"
NORM_OF_INTEGERS = "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {.scalar_name}"
NO_DEGREES_OF_FREEDOM = "{}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by output numel)."
REDUCTION_OF_NOTHING = "{}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
VARIANCE_OF_INTEGERS = "std and var only support floating point and complex dtypes"
NOTHING_ALONG = "{}(): Expected reduction dim {} to have non-zero size."
NORM_OF_NOTHING = "linalg.vector_norm cannot compute the {:g} norm on {} the operation does not have an identity"
PLACE_IN_NOTHING = "arg{}(): Expected reduction dim to be specified for input.numel() == 0."

# Shapes
VIEW_NEEDS_COPY = "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead."
TRANSPOSE_0D = "Tensor.{} is deprecated on 0-D tensors. This function is the identity in these cases."
TRANSPOSE_NOT_2D = "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
MT_OF_VECTOR = "tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor."
MORE_THAN_A_MATRIX = "{}() expects a tensor with <= 2 dimensions, but self is {}D"
NOT_A_PERMUTATION = "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = {} is not equal to len(dims) = {}"
UNEVEN_MOVE = "movedim: Invalid source or destination dims: source ({} dims) should contain the same number of dims as destination ({} dims)"
NEGATIVE_SPLIT = "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={}"
UNEVEN_SPLIT = "split_with_sizes expects split_sizes to sum exactly to {} (input tensor's size at dimension {}), but got split_sizes={}"
UNEVEN_JOIN = "Sizes of tensors must match except in dimension {}. Expected size {} but got size {} for tensor number {} in the list."
FEW_REPEATS = "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
AMBIGUOUS_SIZE = "cannot reshape tensor of 0 elements into shape {} because the unspecified dimension size -1 can be any value and is ambiguous"
UNEVEN_UNFLATTEN = "unflatten: Provided sizes {} don't multiply up to the size of dim {} ({}) in the input tensor"
START_BEYOND = "start out of range (expected to be in range of [{}, {}], but got {})"
LENGTH_BEYOND = "start ({}) + length ({}) exceeds dimension size ({})."
NEGATIVE_STEPS = "as_strided: Negative strides are not supported at the moment, got strides: {}"
BEYOND_STORAGE = "setStorage: sizes {}, strides {}, storage offset {}, and itemsize {} requiring a storage size of {} are out of bounds for storage of size {}"
NEGATIVE_SPLIT_SIZE = "split expects split_size be non-negative, but got split_size={}"
ZERO_SPLIT_SIZE = "split_size can only be 0 if dimension size is 0, but got dimension size of {}"
NO_TENSOR_LISTED = "expected Tensor as element {} in argument 0, but got {}"
JOIN_OF_SCALAR = "zero-dimensional tensor (at position {}) cannot be concatenated"
JOIN_OF_OTHER_DIM = "Tensors must have same number of dimensions: got {} and {}"
UNEVEN_STACK = "stack expects each tensor to be equal size, but got {} at entry 0 and {} at entry {}"

NO_DIMENSION = "Dimension out of range (expected to be in range of [{}, {}], but got {})"
FEW_SIZES = "expand({}{{{}}}, size={}): the number of sizes provided ({}) must be greater or equal to the number of dimensions in the tensor ({})"
NEW_SIZE_UNKNOWN = "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {}"
UNEVEN_EXPAND = "The expanded size of the tensor ({}) must match the existing size ({}) at non-singleton dimension {}.  Target sizes: {}.  Tensor sizes: {}"

# Places
OUT_OF_BOUNDS = "index {} is out of bounds for dimension {} with size {}"
NO_NUMBER = "new(): invalid data type '{}'"
NO_INDEX = "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})"
NO_SUCH_INDEX = "select(): index {} out of range for tensor of size {} at dimension {}"
INDEX_OF_SCALAR = "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
INDEX_OF_BYTES = "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead."
INDEX_OF_LISTS = "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which will result either in an error or a different result"
WRONG_MASK = "The shape of the mask {} at index {} does not match the shape of the indexed tensor {} at index {}"
PLACES_MISMATCH = "shape mismatch: indexing tensors could not be broadcast together with shapes {}"
OTHER_TYPE_PUT = "Index put requires the source and destination dtypes match, got {.scalar_name} for the destination and {.scalar_name} for the source."
VALUES_MISMATCH = "shape mismatch: value tensor of shape {} cannot be broadcast to indexing result of shape {}"
LARGER_INDEX = "Size does not match at dimension {} expected index {} to be no larger than self {} apart from dimension {}"
LARGER_THAN_SELF = "Expected index {} to be no larger than self {} apart from dimension {}"
LARGER_THAN_SRC = "Expected index {} to be no larger than self {} apart from dimension {} and to be no larger size than src {}"
OTHER_TYPE_ADDED = "index_add_(): self ({.scalar_name}) and source ({.scalar_name}) must have the same scalar type"
UNEVEN_INDEX = "index_add_(): Number of indices ({}) should be equal to source.size(dim): ({}), for dim: {}"
OTHER_SHAPE_ADDED = "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = {} source.shape = {}"
INDEX_OF_OTHER_TYPE = "tensors used as indices must be long, int, byte or bool tensors"
INDEX_OF_OTHER_DIM = "Index tensor must have the same number of dimensions as {} tensor"
SELECT_FROM_NOTHING = "index_select(): self indexing axis dim should be positive"
SELECT_FROM_SCALAR = "index_select(): Index to scalar can have only 1 value, got {} value(s)"

# Products of matrices
PRODUCT_OF_SCALARS = "both arguments to matmul need to be at least 1D, but they are {}D and {}D"
UNEVEN_PRODUCT = "mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})"
PRODUCT_OF_TWO_TYPES = "expected m1 and m2 to have the same dtype, but got: {.c_name} != {.c_name}"
NO_MATRIX = "{} must be a matrix, got {}-D tensor"
UNEVEN_BATCHES = "Expected size for first two dimensions of batch2 tensor to be: {} but got: {}."
BATCHES_OF_TWO_TYPES = "expected scalar type {.scalar_name} but found {.scalar_name}"
NO_MATRIX_AND_VECTOR = "vector + matrix @ vector expected, got 1, {}, {}"
UNEVEN_MATRIX_AND_VECTOR = "size mismatch, got input ({0}), mat ({0}x{1}), vec ({2})"
MATRIX_AND_VECTOR_TYPES = "addmv input tensors must have the same dtype, but got {1.scalar_name}, {0.scalar_name}, and {1.scalar_name}"
DOT_OF_OTHER_DIM = "1D tensors expected, but got {}D and {}D tensors"
DOT_OF_TWO_TYPES = "dot : expected both vectors to have same dtype, but found {.scalar_name} and {.scalar_name}"
UNEVEN_DOT = "inconsistent tensor size, expected tensor [{0}] and src [{1}] to have the same number of elements, but got {0} and {1} elements respectively"
OUTER_OF_OTHER_DIM = "outer: Expected 1-D argument {}, but got {}-D"

# einsum
WRONG_SUBSCRIPTS = "einsum(): the number of subscripts in the equation ({}) does not match the number of dimensions ({}) for operand {} and no ellipsis was given"
TOO_MANY_SUBSCRIPTS = "einsum(): the number of subscripts in the equation ({}) is more than the number of dimensions ({}) for operand {}"
UNKNOWN_SUBSCRIPT = "einsum(): output subscript {} does not appear in the equation for any input operand"
NO_SUBSCRIPT = "einsum(): invalid subscript given at index {} in the equation string, subscripts must be in [a-zA-Z]"
UNEVEN_DIAGONAL = "einsum(): subscript {} is repeated for operand {} but the sizes don't match, {} != {}"
UNEVEN_SUBSCRIPT = "einsum(): subscript {} has size {} for operand {} which does not broadcast with previously seen size {}"
WRONG_NUMBER_OF_OPERANDS = "einsum(): {} operands were provided than specified in the equation"

# fmt: on


def demand(fit: object, sentence: str, *told: object, kind: type[Exception] = RuntimeError) -> None:
    """Raise this sentence, its `{}` filled with what is `told`, unless something is `fit`.

    A tuple of sizes is written as PyTorch writes one, between square brackets. The sentence is put
    together only where it is needed, so a check costs next to nothing.
    """
    if not fit:
        told = [list(each) if isinstance(each, tuple) else each for each in told]
        raise kind(sentence.format(*told))


demand_index = functools.partial(demand, kind=IndexError)


class TraceFileError(Exception):
    """A file that is no trace, or a damaged one, or one of a newer version. The text is one sentence."""


@dataclass
class Mismatch:
    """What the sentence about a version mismatch leaves out: which `node` saved the tensor, as what.

    It is carried by the RuntimeError as `error.mismatch`.
    """

    expected: int
    found: int
    node: object = None
    field: str = ""
    counter: object = dataclasses.field(default=None, compare=False)


def version_mismatch(
    type_name: str, shape: tuple[int, ...], output_nr: int, op: str | None, mismatch: Mismatch,
    anomaly: bool = False,
) -> RuntimeError:  # fmt: skip
    """The error for a saved tensor that is now at another version. `op` is None for a leaf."""
    which = f", which is output {output_nr} of {op}," if op is not None else ""
    told = mismatch.found, mismatch.expected, ANOMALY_HINT if anomaly else HINT
    error = RuntimeError(OTHER_VERSION.format(type_name, list(shape), which, *told))
    error.mismatch = mismatch
    return error


class SilentCorruption(UserWarning):
    """A gradient was computed from numbers that had changed since they were saved, unnoticed.

    PyTorch has no such warning: it cannot know. It is given while recording, and carries the `story`.
    """


def refused_write(sentence: str, tensor: object) -> RuntimeError:
    """The error for a write that may not be; it carries the `tensor` that was to be written.

    It is raised as it comes: a function that raised it from a variable would be in a cycle with it.
    """
    error = RuntimeError(sentence)
    error.tensor = tensor
    return error


def kind_of(value: object) -> str:
    """The name of the value's type; PyTorch's sentences say of NumPy's types whose they are."""
    kind = type(value)
    return f"numpy.{kind.__name__}" if kind.__module__ == "numpy" else kind.__name__


def no_room(written: tuple[int, ...], shape: tuple[int, ...]) -> RuntimeError:
    """The sentence for numbers of a shape that does not fit into what they are written to."""
    sizes = list(itertools.zip_longest(reversed(written), reversed(shape), fillvalue=1))
    if any(n != m and 1 not in (n, m) for n, m in sizes):
        return broadcast_mismatch(written, shape)
    common = [n if m == 1 else m for n, m in reversed(sizes)]
    return RuntimeError(OTHER_SHAPE_WRITTEN.format(list(written), common))


def broadcast_mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> RuntimeError:
    """The sentence for shapes that do not broadcast: it names the last pair of sizes that differ."""
    pairs = list(itertools.zip_longest(reversed(a), reversed(b), fillvalue=1))
    wrong = next(i for i, (n, m) in enumerate(pairs) if n != m and 1 not in (n, m))
    return RuntimeError(UNEVEN.format(*pairs[wrong], len(pairs) - 1 - wrong))


def no_dimension(dim: int, ndim: int) -> IndexError:
    """The error for a dimension that is not there. A 0-d tensor passes for one of a single dimension."""
    bound = max(ndim, 1)
    return IndexError(NO_DIMENSION.format(-bound, bound - 1, dim))


def cannot_expand(dtype: object, shape: tuple[int, ...], size: tuple[int, ...]) -> RuntimeError:
    """The error for a tensor of this dtype and shape that cannot be expanded to `size`."""
    extra, shapes = len(size) - len(shape), (list(size), list(shape))
    if extra < 0:
        kind = "CPUBoolType" if dtype.name == "bool" else dtype.type_name  # so here alone
        return RuntimeError(FEW_SIZES.format(kind, *reversed(shapes), len(size), len(shape)))
    for dim in reversed(range(len(size))):
        if dim >= extra and size[dim] != -1 and shape[dim - extra] not in (1, size[dim]):
            return RuntimeError(UNEVEN_EXPAND.format(size[dim], shape[dim - extra], dim, *shapes))
        if shape and dim < extra and size[dim] == -1:
            return RuntimeError(NEW_SIZE_UNKNOWN.format(dim))
    return RuntimeError("numel: integer multiplication overflow")  # so it is told of sizes below zero


def view_written(made: str, node: str | None, output_nr: int, indirectly: bool) -> str:
    """The sentence about a write that cannot be told to the history of a view.

    `made` says what is special about the view (see `ops.viewing.View`). The write is to the view itself,
    or `indirectly` to its base. `node` is the name of the view's node, if it has one.
    """
    written = "its base or another view of its base has been" if indirectly else "is being"
    of_a_node = f"Output {output_nr} of {node} is a view"
    if made in ("no_grad", "inference_mode") or node is None:
        start = "A view was created" if node is None else of_a_node + " of a view which was created"
        where = "in normal mode" if made == "inference_mode" else "with grad mode enabled"
        mode = "inference" if made == "inference_mode" else "no_grad"
        told = f"{start} in {mode} mode and {written} modified inplace {where}"
    else:
        told = f"{of_a_node} and {written} modified inplace"
    reasons = {"function": VIEW_OF_FUNCTION, "several": ONE_OF_SEVERAL_VIEWS}
    reason = reasons.get(made, VIEW_OF_MODE).format(mode=made)
    return f"{told}. {reason}"


def argument(
    fit: object, op: str, name: str, position: int | None, wanted: str, given: object
) -> None:
    """Raise TypeError for the argument of this name, unless it is `fit`.

    The position is counted from 1, and None for an argument that was given by name.
    """
    if not fit:
        told = "input" if name == "self" else name, f" (position {position})" if position else ""
        raise TypeError(WRONG_ARGUMENT.format(op, *told, wanted, kind_of(given)))


def missing_arguments(op: str, names: Sequence[str]) -> TypeError:
    """The sentence for arguments of these names that were not given."""
    listed = ", ".join(f'"{"input" if name == "self" else name}"' for name in names)
    return TypeError(f"{op}() missing {len(names)} required positional arguments: {listed}")


def many_arguments(op: str, most: int, given: int) -> TypeError:
    """The sentence for more arguments than there may be."""
    s, were = "s" * (most != 1), "were" if given != 1 else "was"
    return TypeError(f"{op}() takes {most} positional argument{s} but {given} {were} given")
