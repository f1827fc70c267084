using System.Globalization;
using MadgNet.Core.Modules.Attention.Recording;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// Blocks one behind the other under the names 0, 1, … as in a Sequential, which also tells a recorder which of them runs.
/// </summary>
internal sealed class BlockSequence : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] _blocks;

    /// <summary>Takes ownership of the blocks.</summary>
    public BlockSequence(params Module<Tensor, Tensor>[] blocks)
        : base(nameof(BlockSequence))
    {
        _blocks = blocks;
        for (int i = 0; i < blocks.Length; i++)
        {
            register_module(i.ToString(CultureInfo.InvariantCulture), blocks[i]);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = input;
        for (int i = 0; i < _blocks.Length; i++)
        {
            Tensor output;
            using (AttentionRecorder.Enter(string.Empty, i))
            {
                output = _blocks[i].call(features);
            }

            // At once, as a Sequential does, unless a hook took it out of the scope to keep it.
            if (!ReferenceEquals(features, input) && scope.Contains(features))
            {
                features.Dispose();
            }

            features = output;
        }

        return features.MoveToOuterDisposeScope();
    }
}
