using System.Runtime.InteropServices;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Modules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// A network that halves its input and doubles it again, with 3×3 convolutions before, between and after: its pixels see
/// <see cref="Radius"/> pixels at most.
/// </summary>
internal sealed class TorchConvolutions : Module<Tensor, Tensor>
{
    public const int Radius = 8;
    public const int Stride = 2;
    private readonly Conv2d _first;
    private readonly Conv2d _middle;
    private readonly Conv2d _last;

    public TorchConvolutions()
        : base(nameof(TorchConvolutions))
    {
        using var scope = NewDisposeScope();
        _first = Conv2d(3, 4, 3, padding: 1L, bias: false);
        _middle = Conv2d(4, 4, 3, padding: 1L, bias: false);
        _last = Conv2d(4, 2, 3, padding: 1L, bias: false);
        RegisterComponents();
        WeightInitialization.Apply(this, 5);
        using var noGrad = no_grad();
        foreach (Parameter weight in parameters())
        {
            // So that the map is not flat.
            weight.mul_(3);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor half = functional.avg_pool2d(_first.call(input).relu(), 2);
        Tensor full = functional.interpolate(_middle.call(half).relu(), scale_factor: [2, 2], mode: InterpolationMode.Nearest);
        return _last.call(full).MoveToOuterDisposeScope();
    }
}

/// <summary>Predicts with any module on TorchSharp, as a host could.</summary>
internal sealed class TorchPredictor(Module<Tensor, Tensor> network, PredictorOptions? options)
    : SegmentationPredictor(
        new NetworkDescription { Input = new ModelInput { Channels = 3 }, Labels = 2, Stride = TorchConvolutions.Stride }, options)
{
    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor input = tensor(images.ToArray(), [count, 3, height, width]);
        network.call(input).sigmoid().bytes.CopyTo(MemoryMarshal.AsBytes(probabilities));
    }
}
