using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>Runs an encoder and holds it to what it declared.</summary>
internal static class EncoderLevels
{
    /// <summary>The levels of an image N×C×H×W, put into the scope of the pass.</summary>
    public static IReadOnlyList<Tensor> Encode(IEncoder encoder, DisposeScope scope, Tensor image, string name = MadgNetNames.Encoder)
    {
        (long batch, long height, long width) = (image.size(0), image.size(2), image.size(3));
        IReadOnlyList<Tensor> levels;
        using (AttentionRecorder.Enter(name))
        {
            levels = encoder.Encode(image);
        }

        Own(scope, levels);
        if (levels is null || levels.Count != encoder.Levels.Count)
        {
            throw Broken(encoder, $"{levels?.Count ?? 0} tensors", $"one for each of its {encoder.Levels.Count} levels");
        }

        for (int i = 0; i < levels.Count; i++)
        {
            FeatureLevel declared = encoder.Levels[i];
            long[] expected = [batch, declared.Channels, height / declared.Stride, width / declared.Stride];
            if (levels[i] is null || !levels[i].shape.AsSpan().SequenceEqual(expected) || !levels[i].is_floating_point())
            {
                throw Broken(
                    encoder,
                    levels[i] is null ? $"null as level {i}" : $"{TensorShapeException.Describe(levels[i])} as level {i}",
                    $"a floating-point tensor [{string.Join(", ", expected)}] as its Levels declare");
            }
        }

        return levels;
    }

    /// <summary>Puts what an encoder returned into the scope of the pass, also where the encoder detached it from every scope.</summary>
    private static void Own(DisposeScope scope, IReadOnlyList<Tensor>? levels)
    {
        foreach (Tensor level in levels ?? [])
        {
            if (level is not null && !scope.Contains(level))
            {
                scope.Attach(level);
            }
        }
    }

    private static TensorShapeException Broken(IEncoder encoder, string received, string expected) =>
        new(new Problem($"{encoder.GetType().Name}.Encode", received, expected, "Correct the encoder's Levels or what its Encode returns"));
}
