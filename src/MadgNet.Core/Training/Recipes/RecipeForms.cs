using MadgNet.Core.Data;
using MadgNet.Core.Inputs;
using MadgNet.Core.Losses;

namespace MadgNet.Core.Training.Recipes;

/// <summary>Forms that values have in a recipe's JSON where their own class is made otherwise.</summary>
internal static class RecipeForms
{
    internal sealed record WeightedLoss(double Weight, SegmentationLoss Loss);

    internal sealed record PercentileWindow(IReadOnlyList<double> Percentiles);

    internal sealed record StoredLabel(string Name)
    {
        public IReadOnlyList<string> Markers { get; init; } = [];

        public IReadOnlyList<int> Values { get; init; } = [];

        public bool AreColors { get; init; }

        public MaskReading Reading { get; init; } = MaskReading.Gray;
    }

    internal sealed record CommonNetwork
    {
        public ModelInput Input { get; init; } = new();

        public int Labels { get; init; } = 1;

        public IReadOnlyList<string> LabelNames { get; init; } = [];
    }
}
