using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>Adam and AdamW, in PyTorch's form and order of operations.</summary>
internal sealed unsafe class AdamOptimizer : Optimizer
{
    private static readonly string[] Names = ["exp_avg", "exp_avg_sq"];
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly bool _decoupled;

    public AdamOptimizer(IReadOnlyList<ParameterGroup> groups, double beta1, double beta2, double epsilon, bool decoupled)
        : base(groups)
    {
        (_beta1, _beta2, _epsilon, _decoupled) = (beta1, beta2, epsilon, decoupled);
    }

    private protected override IReadOnlyList<string> MomentNames => Names;

    public static List<Problem> Validate(List<Problem> problems, double beta1, double beta2, double epsilon)
    {
        OptimizerOptions.Check(problems, nameof(AdamOptions.Beta1), beta1, beta1 is >= 0 and < 1, "0 to below 1", "0.9");
        OptimizerOptions.Check(problems, nameof(AdamOptions.Beta2), beta2, beta2 is >= 0 and < 1, "0 to below 1", "0.999");
        OptimizerOptions.Check(problems, nameof(AdamOptions.Epsilon), epsilon, epsilon > 0, "above 0", "1e-8");
        return problems;
    }

    private protected override FusedJob Prepare(OptimizerSlot slot, FusedJob job, double rate)
    {
        (double step, double correction) = Corrections(slot.Steps, rate);
        return job with
        {
            Rate = (float)-step,
            Correction = (float)correction,
            Decay = (float)(_decoupled ? 1 - (rate * slot.Group.WeightDecay) : slot.Group.WeightDecay),
        };
    }

    private protected override void Update(in FusedJob job, long start, int count)
    {
        float* weight = job.Target + start;
        float* gradient = job.Source + start;
        float* mean = job.First + start;
        float* square = job.Second + start;
        (float keep1, float take1) = ((float)_beta1, (float)(1 - _beta1));
        (float keep2, float take2) = ((float)_beta2, (float)(1 - _beta2));
        (float rate, float correction, float epsilon, float decay) = (job.Rate, job.Correction, (float)_epsilon, job.Decay);
        bool coupled = !_decoupled && decay != 0;
        bool shrinks = _decoupled && decay != 1;
        int width = Vector<float>.Count;
        int i = 0;
        for (; i <= count - width; i += width)
        {
            Vector<float> w = Vector.Load(weight + i);
            Vector<float> g = Vector.Load(gradient + i);
            g = coupled ? Vector.FusedMultiplyAdd(w, new Vector<float>(decay), g) : g;
            w = shrinks ? w * decay : w;
            Vector<float> m = Vector.FusedMultiplyAdd(g, new Vector<float>(take1), Vector.Load(mean + i) * keep1);
            Vector<float> v = Vector.FusedMultiplyAdd(g * take2, g, Vector.Load(square + i) * keep2);
            Vector<float> root = (Vector.SquareRoot(v) / new Vector<float>(correction)) + new Vector<float>(epsilon);
            Vector.Store(m, mean + i);
            Vector.Store(v, square + i);
            Vector.Store(w + (m * rate / root), weight + i);
        }

        // The same operations one by one, fused where libtorch's kernels fuse: each is rounded as its vector form is, so that
        // the bits do not depend on the width.
        for (; i < count; i++)
        {
            float w = weight[i];
            float g = coupled ? MathF.FusedMultiplyAdd(w, decay, gradient[i]) : gradient[i];
            w = shrinks ? w * decay : w;
            float m = MathF.FusedMultiplyAdd(g, take1, mean[i] * keep1);
            float v = MathF.FusedMultiplyAdd(g * take2, g, square[i] * keep2);
            mean[i] = m;
            square[i] = v;
            weight[i] = w + (m * rate / ((MathF.Sqrt(v) / correction) + epsilon));
        }
    }

    private protected override void Update(OptimizerSlot slot, Tensor gradient, double rate)
    {
        (double step, double correction) = Corrections(slot.Steps, rate);
        (Tensor mean, Tensor square) = (slot.Moments[0], slot.Moments[1]);
        double decay = slot.Group.WeightDecay;
        using Scalar keep1 = _beta1.ToScalar();
        using Scalar take1 = (1 - _beta1).ToScalar();
        using Scalar keep2 = _beta2.ToScalar();
        using Scalar take2 = (1 - _beta2).ToScalar();
        using Scalar divisor = correction.ToScalar();
        using Scalar epsilon = _epsilon.ToScalar();
        using Scalar negative = (-step).ToScalar();
        if (decay > 0 && _decoupled)
        {
            using Scalar shrink = (1 - (rate * decay)).ToScalar();
            slot.Value.mul_(shrink);
        }
        else if (decay > 0)
        {
            using Scalar factor = decay.ToScalar();
            gradient = gradient.add(slot.Value, factor);
        }

        mean.mul_(keep1).add_(gradient, take1);
        square.mul_(keep2).addcmul_(gradient, gradient, take2);
        Tensor root = square.sqrt().div_(divisor).add_(epsilon, Scalars.Of(1L));
        slot.Value.addcdiv_(mean, root, negative);
    }

    private (double Step, double Correction) Corrections(long steps, double rate) =>
        (rate / (1 - Math.Pow(_beta1, steps)), Math.Sqrt(1 - Math.Pow(_beta2, steps)));
}
