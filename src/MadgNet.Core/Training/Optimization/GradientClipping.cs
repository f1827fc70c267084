namespace MadgNet.Core.Training;

/// <summary>How gradients are held back before a step. Neither by default. Where both are set, the values are clipped after the norm.</summary>
public sealed record GradientClipping
{
    /// <summary>The largest norm of all gradients together: where it is exceeded, all are scaled to it (Pascanu et al., 2013; PyTorch's <c>clip_grad_norm_</c>). Above 0; null for no limit.</summary>
    public double? Norm { get; init; }

    /// <summary>The largest absolute value of each gradient's entries (PyTorch's <c>clip_grad_value_</c>). Above 0; null for no limit.</summary>
    public double? Value { get; init; }

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
    public GradientSummary Apply(IReadOnlyList<ParameterGroup> groups) => throw new NotImplementedException();

    /// <summary>Measures the gradients without changing them.</summary>
    /// <param name="groups">The parameters whose gradients are meant.</param>
    /// <returns>The norm, and whether all gradients are finite.</returns>
    public static GradientSummary Measure(IReadOnlyList<ParameterGroup> groups) => throw new NotImplementedException();
}
