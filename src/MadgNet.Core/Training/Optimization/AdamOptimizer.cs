namespace MadgNet.Core.Training;

internal sealed class AdamOptimizer : Optimizer
{
    public AdamOptimizer(IReadOnlyList<ParameterGroup> groups, double beta1, double beta2, double epsilon, bool decoupled)
        : base(groups)
    {
    }

    public static List<Problem> Validate(List<Problem> problems, double beta1, double beta2, double epsilon)
    {
        OptimizerOptions.Check(problems, nameof(AdamOptions.Beta1), beta1, beta1 is >= 0 and < 1, "0 to below 1", "0.9");
        OptimizerOptions.Check(problems, nameof(AdamOptions.Beta2), beta2, beta2 is >= 0 and < 1, "0 to below 1", "0.999");
        OptimizerOptions.Check(problems, nameof(AdamOptions.Epsilon), epsilon, epsilon > 0, "above 0", "1e-8");
        return problems;
    }
}
