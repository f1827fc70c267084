using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>The memory of dense CPU tensors as spans, also of tensors larger than one span can be.</summary>
internal static class TensorBytes
{
    // A multiple of every element size; small enough for a span, large enough that the number of calls is of no account.
    private const int BlockSize = 1 << 26;

    /// <summary>Something done with a block of memory.</summary>
    public delegate void BlockAction(ReadOnlySpan<byte> block);

    /// <summary>Calls the action with block after block of the tensor's memory and the position of the block in it.</summary>
    public static void ForEachBlock(Tensor tensor, Action<Span<byte>, long> action)
    {
        long count = tensor.numel();
        if (count == 0)
        {
            return;
        }

        long elementSize = tensor.element_size();
        long elementsPerBlock = BlockSize / elementSize;
        using Tensor detached = tensor.detach();
        using Tensor flat = detached.view(-1);
        for (long start = 0; start < count; start += elementsPerBlock)
        {
            using Tensor block = flat.narrow(0, start, Math.Min(elementsPerBlock, count - start));
            action(block.bytes, start * elementSize);
        }
    }
}
