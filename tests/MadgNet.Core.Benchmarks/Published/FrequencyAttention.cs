using MadgNet.Core.Modules.Attention;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Benchmarks.Published;

/// <summary>Multi-frequency channel attention as published: sixteen whole feature maps, each pooled three times.</summary>
internal sealed class FrequencyAttention : Module<Tensor, Tensor>
{
    private readonly int _size;
    private readonly Tensor[] _basis;
    [ComponentName(Name = "fc")]
    private readonly Sequential _perceptron
;

    public FrequencyAttention(long channels, int size, int frequencies = 16)
        : base(nameof(FrequencyAttention))
    {
        _size = size;
        using var basis = new DctBasis(size, frequencies);
        using Tensor images = basis.ToTensor();
        _basis = [.. Enumerable.Range(0, frequencies).Select(f =>
        {
            using Tensor image = images[f];
            using Tensor repeated = image.expand(channels, size, size);
            return repeated.contiguous().DetachFromDisposeScope();
        })];
        long hidden = Math.Max(1, channels / 16);
        _perceptron = Sequential(Conv2d(channels, hidden, 1, bias: false), ReLU(inplace: true), Conv2d(hidden, channels, 1, bias: false));

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pooled = input.size(2) == _size && input.size(3) == _size ? input : functional.adaptive_avg_pool2d(input, [_size, _size]);
        Tensor? average = null;
        Tensor? largest = null;
        Tensor? smallest = null;
        foreach (Tensor image in _basis)
        {
            Tensor spectral = pooled * image;
            Tensor mean = functional.adaptive_avg_pool2d(spectral, [1, 1]);
            Tensor top = functional.adaptive_max_pool2d(spectral, [1, 1]);
            Tensor bottom = -functional.adaptive_max_pool2d(-spectral, [1, 1]);
            average = average is null ? mean : average + mean;
            largest = largest is null ? top : largest + top;
            smallest = smallest is null ? bottom : smallest + bottom;
        }

        int count = _basis.Length;
        Tensor sum = _perceptron.call(average! / count) + _perceptron.call(largest! / count) + _perceptron.call(smallest! / count);
        return (input * sum.sigmoid().expand_as(input)).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach (Tensor image in _basis)
            {
                image.Dispose();
            }
        }
    }
}
