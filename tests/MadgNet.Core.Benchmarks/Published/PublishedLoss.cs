using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Benchmarks.Published;

/// <summary>The published deep supervision, ported line by line: a pooling of 31×31 pixels for every stage.</summary>
internal static class PublishedLoss
{
    public static Tensor Compute(Tensor[][] stages, TaskMaps targets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? total = null;
        foreach (Tensor[] maps in stages)
        {
            Tensor sum = Structure(maps[0], targets.Region)
                + functional.mse_loss(maps[1].sigmoid(), targets.Distance!)
                + functional.binary_cross_entropy_with_logits(maps[2], targets.Boundary!);
            total = total is null ? sum : total + sum;
        }

        return total!.MoveToOuterDisposeScope();
    }

    private static Tensor Structure(Tensor logits, Tensor target)
    {
        Tensor weight = 1 + (5 * (functional.avg_pool2d(target, 31, stride: 1, padding: 15, count_include_pad: true) - target).abs());
        Tensor entropy = functional.binary_cross_entropy_with_logits(logits, target);
        Tensor weighted = (weight * entropy).sum([2, 3]) / weight.sum([2, 3]);
        Tensor probability = logits.sigmoid();
        Tensor intersection = (probability * target * weight).sum([2, 3]);
        Tensor union = ((probability + target) * weight).sum([2, 3]);
        return (weighted + 1 - ((intersection + 1) / (union - intersection + 1))).mean();
    }
}
