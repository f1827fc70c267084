using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Folding;

/// <summary>Parts one behind the other: convolutions with what follows them folded in, blocks in their folded form, poolings.</summary>
internal sealed class FoldedSequence : IFolded
{
    private readonly IReadOnlyList<IFolded> _parts;

    /// <summary>Takes ownership of the parts.</summary>
    public FoldedSequence(IReadOnlyList<IFolded> parts)
    {
        _parts = parts;
    }

    /// <summary>Folds a sequence.</summary>
    /// <param name="sequence">Convolutions, batch normalisations behind them, ReLUs behind either, foldable blocks and average poolings, as
    /// the children of a module.</param>
    /// <param name="type">The type of the folded weights.</param>
    /// <param name="last">A batch normalisation, and a ReLU, behind the sequence's last convolution; null for none.</param>
    /// <param name="factor">A positive factor of what the last convolution gives.</param>
    public static FoldedSequence Of(Module sequence, ScalarType type, BatchNormalization? last = null, double factor = 1)
    {
        Module[] modules = [.. sequence.children()];
        var parts = new List<IFolded>();
        for (int i = 0; i < modules.Length; i++)
        {
            switch (modules[i])
            {
                case Conv2d convolution:
                    var normalization = At(i + 1) as BatchNormalization;
                    i += normalization is null ? 0 : 1;
                    bool rectify = At(i + 1) is ReLU;
                    i += rectify ? 1 : 0;
                    bool final = i == modules.Length - 1;
                    parts.Add(final && last is not null
                        ? new FoldedConvolution(convolution, last, rectify: true, type, factor)
                        : new FoldedConvolution(convolution, normalization, rectify, type, final ? factor : 1));
                    break;
                case IFoldable block:
                    parts.Add(block.Fold(type));
                    break;
                case AvgPool2d pooling:
                    parts.Add(new FoldedPooling(pooling.kernel_size, pooling.stride));
                    break;
                default:
                    throw new InvalidOperationException($"A {modules[i].GetName()} has no folded form.");
            }
        }

        return new FoldedSequence(parts);

        Module? At(int index) => index < modules.Length ? modules[index] : null;
    }

    public Tensor Run(Tensor input)
    {
        Tensor features = input;
        foreach (IFolded part in _parts)
        {
            Tensor next = part.Run(features);
            if (!ReferenceEquals(features, input))
            {
                features.Dispose();
            }

            features = next;
        }

        return features;
    }

    public void Dispose()
    {
        foreach (IFolded part in _parts)
        {
            part.Dispose();
        }
    }
}
