using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>The ReLU of a body and a shortcut's sum.</summary>
internal sealed class FoldedResidual(IFolded body, IFolded? shortcut) : IFolded
{
    public Tensor Run(Tensor input)
    {
        Tensor features = body.Run(input);
        if (shortcut is null)
        {
            return features.Accumulate(input).relu_();
        }

        using Tensor other = shortcut.Run(input);
        return features.Accumulate(other).relu_();
    }

    public void Dispose()
    {
        body.Dispose();
        shortcut?.Dispose();
    }
}
