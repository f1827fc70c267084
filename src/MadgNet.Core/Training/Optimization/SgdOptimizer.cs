namespace MadgNet.Core.Training;

internal sealed class SgdOptimizer : Optimizer
{
    public SgdOptimizer(IReadOnlyList<ParameterGroup> groups, double momentum, bool nesterov)
        : base(groups)
    {
    }
}
