using System.Runtime.InteropServices;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Watching;

/// <summary>
/// Looks for the signs of a training that fails though its loss falls: a weight between foreground and background (α, β)
/// that has collapsed to zero (paper, section 4.4), and channel attention that is the same for every channel, all shut or
/// all open.
/// </summary>
internal static class AttentionWatch
{
    /// <summary>Both start at 1; a hundredth of that passes nothing that could be called attention.</summary>
    private const double Collapsed = 0.01;

    /// <summary>A sigmoid within a hundredth of its limits hardly passes gradients: such a channel does not come back.</summary>
    private const float Shut = 0.01f;

    /// <summary>The first collapsed α or β; null where there is none.</summary>
    public static Problem? FindCollapsed(SegmentationModel model)
    {
        foreach ((string name, nn.Module module) in model.named_modules())
        {
            if (module is not MultiScaleSpatialAttention attention)
            {
                continue;
            }

            (double alpha, double beta) = (attention.Alpha, attention.Beta);
            if (Math.Abs(alpha) < Collapsed || Math.Abs(beta) < Collapsed)
            {
                return new Problem(
                    name,
                    FormattableString.Invariant($"α = {alpha:G3} (background) and β = {beta:G3} (foreground)"),
                    FormattableString.Invariant($"both clear of zero, above {Collapsed} in size"),
                    "Look at predictions of this run before you trust it; lower the learning rate, or train longer from better weights");
            }
        }

        return null;
    }

    /// <summary>The first channel attention that is shut or open for every channel of an image; null where there is none.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="images">Images; the first is looked at, down to a multiple of the model's stride.</param>
    public static Problem? FindDead(SegmentationModel model, Tensor images)
    {
        long height = images.size(2) / model.Stride * model.Stride;
        long width = images.size(3) / model.Stride * model.Stride;
        if (height == 0 || width == 0)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var recorder = new AttentionRecorder();
        using SegmentationOutput output = model.ForwardWithAttention(
            images.narrow(0, 0, 1).narrow(2, 0, height).narrow(3, 0, width).contiguous(), recorder);
        foreach (ChannelAttentionRecord record in recorder.Of<ChannelAttentionRecord>())
        {
            ReadOnlySpan<float> weights = MemoryMarshal.Cast<byte, float>(record.Weights.to(ScalarType.Float32).cpu().contiguous().bytes);
            float least = 1;
            float most = 0;
            foreach (float weight in weights)
            {
                least = Math.Min(least, weight);
                most = Math.Max(most, weight);
            }

            if (most < Shut || least > 1 - Shut)
            {
                return new Problem(
                    record.Path,
                    FormattableString.Invariant($"channel attention of {least:G3} to {most:G3} for all {weights.Length} channels"),
                    "weights that differ between channels",
                    "Lower the learning rate, clip the gradients, or begin again from better weights: such an attention hardly learns "
                        + "any more");
            }
        }

        return null;
    }
}
