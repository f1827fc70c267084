using MadgNet.Core.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Imaging;

public sealed class FloatImageTests
{
    [Fact]
    public void Bytes_become_0_to_1_from_pixels_or_planes()
    {
        FloatImage interleaved = FloatImage.FromBytes(3, 1, 2, [255, 0, 51, 0, 102, 255]);
        Assert.Equal([1f, 0f, 0f, 0.4f, 0.2f, 1f], interleaved.Data.ToArray());
        FloatImage planar = FloatImage.FromBytes(3, 1, 2, [255, 0, 0, 102, 51, 255], planar: true);
        Assert.Equal(interleaved.Data.ToArray(), planar.Data.ToArray());
    }

    [Fact]
    public void Bytes_of_another_number_are_refused() =>
        Assert.Contains(
            "expected 6",
            Assert.Throws<ArgumentException>(() => FloatImage.FromBytes(3, 1, 2, new byte[8])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_complex_tensor_is_refused_in_the_library_s_own_words()
    {
        using Tensor complex = zeros(1, 2, 2, ScalarType.ComplexFloat32);
        Assert.Throws<TensorShapeException>(() => FloatImage.FromTensor(complex));
    }
}
