using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>SGD with momentum, plain or Nesterov's, in PyTorch's form and order of operations.</summary>
internal sealed unsafe class SgdOptimizer : Optimizer
{
    private static readonly string[] Names = ["momentum_buffer"];
    private readonly double _momentum;
    private readonly bool _nesterov;

    public SgdOptimizer(IReadOnlyList<ParameterGroup> groups, double momentum, bool nesterov)
        : base(groups)
    {
        (_momentum, _nesterov) = (momentum, nesterov);
    }

    private protected override IReadOnlyList<string> MomentNames => _momentum > 0 ? Names : [];

    private protected override FusedJob Prepare(OptimizerSlot slot, FusedJob job, double rate) =>
        job with { Rate = (float)-rate, Decay = (float)slot.Group.WeightDecay };

    private protected override void Update(in FusedJob job, long start, int count)
    {
        float* weight = job.Target + start;
        float* gradient = job.Source + start;
        float* buffer = job.First + start;
        (float rate, float decay, float momentum) = (job.Rate, job.Decay, (float)_momentum);
        (bool decays, bool moves, bool ahead) = (decay != 0, job.First is not null, _nesterov);
        int width = Vector<float>.Count;
        int i = 0;
        for (; i <= count - width; i += width)
        {
            Vector<float> w = Vector.Load(weight + i);
            Vector<float> g = Vector.Load(gradient + i);
            g = decays ? Vector.FusedMultiplyAdd(w, new Vector<float>(decay), g) : g;
            if (moves)
            {
                // The first step finds zeros, so that the velocity begins as the gradient.
                Vector<float> velocity = (Vector.Load(buffer + i) * momentum) + g;
                Vector.Store(velocity, buffer + i);
                g = ahead ? Vector.FusedMultiplyAdd(velocity, new Vector<float>(momentum), g) : velocity;
            }

            Vector.Store(Vector.FusedMultiplyAdd(g, new Vector<float>(rate), w), weight + i);
        }

        for (; i < count; i++)
        {
            float g = decays ? MathF.FusedMultiplyAdd(weight[i], decay, gradient[i]) : gradient[i];
            if (moves)
            {
                float velocity = (buffer[i] * momentum) + g;
                buffer[i] = velocity;
                g = ahead ? MathF.FusedMultiplyAdd(velocity, momentum, g) : velocity;
            }

            weight[i] = MathF.FusedMultiplyAdd(g, rate, weight[i]);
        }
    }

    private protected override void Update(OptimizerSlot slot, Tensor gradient, double rate)
    {
        if (slot.Group.WeightDecay > 0)
        {
            using Scalar decay = slot.Group.WeightDecay.ToScalar();
            gradient = gradient.add(slot.Value, decay);
        }

        if (slot.Moments.Length > 0)
        {
            using Scalar momentum = _momentum.ToScalar();
            using Scalar one = 1.0.ToScalar();
            Tensor velocity = slot.Moments[0].mul_(momentum).add_(gradient, one);
            gradient = _nesterov ? gradient.add(velocity, momentum) : velocity;
        }

        using Scalar negative = (-rate).ToScalar();
        slot.Value.add_(gradient, negative);
    }
}
