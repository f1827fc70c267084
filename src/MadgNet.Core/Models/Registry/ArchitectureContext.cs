using MadgNet.Core.Inputs;

namespace MadgNet.Core.Models.Registry;

/// <summary>What a network is built from by its <see cref="ArchitectureEntry"/>.</summary>
public sealed record ArchitectureContext
{
    /// <summary>What <see cref="SegmentationModel.OptionsToJson"/> gave.</summary>
    public required string Options { get; init; }

    /// <summary>What the network expects of images.</summary>
    public required ModelInput Input { get; init; }

    /// <summary>n, the labels; 1 or more.</summary>
    public required int Labels { get; init; }

    /// <summary>A name for each label, or none.</summary>
    public IReadOnlyList<string> LabelNames { get; init; } = [];

    /// <summary>Where the parts' names are looked up.</summary>
    public required ModelRegistry Registry { get; init; }

    /// <summary>The seed that fresh weights follow from; null where weights are loaded right afterwards, and none need be drawn.</summary>
    public long? Seed { get; init; }
}
