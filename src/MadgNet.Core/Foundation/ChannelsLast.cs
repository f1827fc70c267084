using static TorchSharp.torch;

namespace MadgNet.Core.Foundation;

/// <summary>The channels-last order of memory, in which the convolutions of libtorch need no rearrangement.</summary>
internal static class ChannelsLast
{
    /// <summary>An N×C×H×W tensor of the same shape whose channels lie next to each other. A new tensor; the caller owns it.</summary>
    public static Tensor Of(Tensor tensor)
    {
        using Tensor moved = tensor.permute(0, 2, 3, 1);
        using Tensor ordered = moved.contiguous();
        return ordered.permute(0, 3, 1, 2);
    }
}
