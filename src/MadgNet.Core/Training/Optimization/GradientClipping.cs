using System.Numerics;
using System.Runtime.Intrinsics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// How gradients are held back before a step. Neither by default. Where both are set, the values are clipped after the norm.
/// </summary>
public sealed record GradientClipping : IDescribed
{
    // PyTorch's clip_grad_norm_ divides by the norm plus this.
    private const double NormEpsilon = 1e-6;

    /// <summary>
    /// The largest norm of all gradients together: where it is exceeded, all are scaled to it (Pascanu et al., 2013; PyTorch's
    /// <c>clip_grad_norm_</c>). Above 0; null for no limit.
    /// </summary>
    public double? Norm { get; init; }

    /// <summary>
    /// The largest absolute value of each gradient's entries (PyTorch's <c>clip_grad_value_</c>). Above 0; null for no limit.
    /// </summary>
    public double? Value { get; init; }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        (nameof(Norm), Norm),
        (nameof(Value), Value),
    ];

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        OptimizerOptions.Check(problems, nameof(Norm), Norm ?? 1, Norm is null or > 0, "above 0", "1, or null for no limit");
        OptimizerOptions.Check(problems, nameof(Value), Value ?? 1, Value is null or > 0, "above 0", "0.5, or null for no limit");
        return problems;
    }

    /// <summary>Measures the gradients, and clips them where all are finite. Gradients that are not finite are left as they are.</summary>
    /// <param name="groups">The parameters whose gradients are meant; those without one, or frozen, are passed over.</param>
    /// <returns>The norm before clipping, and whether all gradients are finite.</returns>
    /// <exception cref="InvalidOptionsException">The settings are invalid.</exception>
    public GradientSummary Apply(IReadOnlyList<ParameterGroup> groups)
    {
        InvalidOptionsException.ThrowIfAny(nameof(GradientClipping), Validate());
        GradientSummary summary = Measure(groups);
        if (!summary.Finite)
        {
            return summary;
        }

        double factor = Norm is { } norm ? Math.Min(1, norm / (summary.Norm + NormEpsilon)) : 1;
        if (factor < 1)
        {
            Multiply(groups, factor);
        }

        // No entry is larger than the norm.
        if (Value is { } value && summary.Norm * factor > value)
        {
            ClipValues(groups, value);
        }

        return summary;
    }

    /// <summary>
    /// Measures the gradients without changing them, in one pass over their memory. The sum is taken in double precision and in a fixed
    /// order.
    /// </summary>
    /// <param name="groups">The parameters whose gradients are meant; those without one, or frozen, are passed over.</param>
    /// <returns>The norm, and whether all gradients are finite.</returns>
    public static GradientSummary Measure(IReadOnlyList<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        List<(string Name, Tensor Gradient)> gradients = Gradients(groups);
        double[] squares = Squares(gradients);
        double total = 0;
        string? first = null;
        for (int i = 0; i < squares.Length; i++)
        {
            // float32 squares cannot overflow a double: a sum that is not finite is a gradient that is not.
            first ??= double.IsFinite(squares[i]) ? null : gradients[i].Name;
            total += squares[i];
        }

        return new GradientSummary(Math.Sqrt(total), first is null, first);
    }

    /// <summary>Multiplies all gradients.</summary>
    internal static void Multiply(IReadOnlyList<ParameterGroup> groups, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        Change(groups, (float)factor, Multiply, gradient => gradient.mul_(scalar));
    }

    private static void ClipValues(IReadOnlyList<ParameterGroup> groups, double value)
    {
        using Scalar least = (-value).ToScalar();
        using Scalar most = value.ToScalar();
        Change(groups, (float)value, Clamp, gradient => gradient.clamp_(least, most));
    }

    private static List<(string Name, Tensor Gradient)> Gradients(IReadOnlyList<ParameterGroup> groups)
    {
        var gradients = new List<(string, Tensor)>();
        foreach ((string name, Parameter parameter) in groups.SelectMany(group => group.Parameters))
        {
            if (parameter.requires_grad && parameter.grad is { } gradient)
            {
                gradients.Add((name, gradient));
            }
        }

        return gradients;
    }

    /// <summary>The sum of squares of each gradient.</summary>
    private static double[] Squares(List<(string Name, Tensor Gradient)> gradients)
    {
        var squares = new double[gradients.Count];
        var jobs = new List<FusedJob>();
        var fused = new List<int>();
        var sums = new List<Tensor>();
        var plain = new List<int>();
        for (int i = 0; i < squares.Length; i++)
        {
            Tensor gradient = gradients[i].Gradient;
            if (TryJob(gradient, 0, out FusedJob job))
            {
                jobs.Add(job);
                fused.Add(i);
            }
            else
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor wide = gradient.to(ScalarType.Float64).flatten();
                sums.Add(wide.dot(wide).MoveToOuterDisposeScope());
                plain.Add(i);
            }
        }

        double[] totals = FusedPass.Total(jobs, SumSquares);
        for (int i = 0; i < totals.Length; i++)
        {
            squares[fused[i]] = totals[i];
        }

        if (sums.Count > 0)
        {
            // Read in one go, so that a GPU is waited for once.
            Tensor read = stack(sums.Select(sum => sum.to(sums[0].device))).cpu();
            for (int i = 0; i < sums.Count; i++)
            {
                squares[plain[i]] = read[i].item<double>();
            }
        }

        return squares;
    }

    private static void Change(IReadOnlyList<ParameterGroup> groups, float rate, FusedPass.Kernel kernel, Action<Tensor> plain)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        var jobs = new List<FusedJob>();
        foreach ((_, Tensor gradient) in Gradients(groups))
        {
            if (TryJob(gradient, rate, out FusedJob job))
            {
                jobs.Add(job);
            }
            else
            {
                plain(gradient);
            }
        }

        FusedPass.Run(jobs, kernel);
    }

    private static unsafe bool TryJob(Tensor gradient, float rate, out FusedJob job)
    {
        job = default;
        if (!FusedPass.CanHold(gradient) || !FusedPass.TryOrder(gradient, out long[]? order))
        {
            return false;
        }

        job = new FusedJob { Target = FusedPass.Pointer(FusedPass.Row(gradient, order)), Length = gradient.numel(), Rate = rate };
        return true;
    }

    private static unsafe double SumSquares(in FusedJob job, long start, int count)
    {
        // Eight lanes on every processor, so that the order of the sum is the same on all.
        float* values = job.Target + start;
        Vector512<double> sum = Vector512<double>.Zero;
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Load(values + i));
            Vector512<double> wide = Vector512.Create(low, high);
            sum += wide * wide;
        }

        double total = 0;
        for (int lane = 0; lane < Vector512<double>.Count; lane++)
        {
            total += sum[lane];
        }

        for (; i < count; i++)
        {
            total += (double)values[i] * values[i];
        }

        return total;
    }

    private static unsafe void Multiply(in FusedJob job, long start, int count)
    {
        float* values = job.Target + start;
        int width = Vector<float>.Count;
        int i = 0;
        for (; i <= count - width; i += width)
        {
            Vector.Store(Vector.Load(values + i) * job.Rate, values + i);
        }

        for (; i < count; i++)
        {
            values[i] *= job.Rate;
        }
    }

    private static unsafe void Clamp(in FusedJob job, long start, int count)
    {
        float* values = job.Target + start;
        for (int i = 0; i < count; i++)
        {
            values[i] = Math.Clamp(values[i], -job.Rate, job.Rate);
        }
    }
}
