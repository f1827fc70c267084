namespace MadgNet.Core.Models.Registry;

/// <summary>A kind of network by its name, so that files of it can be loaded.</summary>
/// <param name="Name">The name in files: what <see cref="SegmentationModel.Architecture"/> gives.</param>
/// <param name="Create">Builds a network from what a file, or a recipe, says of it.</param>
public sealed record ArchitectureEntry(string Name, Func<ArchitectureContext, SegmentationModel> Create) : RegistryEntry(Name);
