using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Foundation;

/// <summary>
/// Sums, differences, products and quotients whose scalars are held until the native call has ended: what TorchSharp's
/// operators of the same meaning do not (see <see cref="Scalars"/>). Results are new tensors unless said otherwise.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = Scalars.Of(1L);

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    /// <summary>a + v.</summary>
    public static Tensor Plus(this Tensor tensor, double value)
    {
        using Scalar scalar = value.ToScalar();
        return tensor.add(scalar, One);
    }

    /// <summary>a − v.</summary>
    public static Tensor Minus(this Tensor tensor, double value)
    {
        using Scalar scalar = value.ToScalar();
        return tensor.sub(scalar);
    }

    /// <summary>1 − a.</summary>
    public static Tensor OneMinus(this Tensor tensor)
    {
        using Tensor negative = tensor.negative();
        return negative.add(One, One);
    }

    /// <summary>a · v, in the type of a where it is an integer type.</summary>
    public static Tensor Times(this Tensor tensor, long value)
    {
        using Scalar scalar = value.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>a · v.</summary>
    public static Tensor Times(this Tensor tensor, double value)
    {
        using Scalar scalar = value.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>a / v.</summary>
    public static Tensor Over(this Tensor tensor, double value)
    {
        using Scalar scalar = value.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>a².</summary>
    public static Tensor Squared(this Tensor tensor) => tensor.pow(Scalars.Of(2L));

    /// <summary>Adds b to a in place and returns a.</summary>
    public static Tensor Accumulate(this Tensor tensor, Tensor other) => tensor.add_(other, One);
}
