using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Core.Training.Reporting;

/// <summary>The network of a run, as its <see cref="RunManifest"/> keeps it.</summary>
/// <param name="Architecture">The kind of network, by its name.</param>
/// <param name="Description">One line about it, for people.</param>
/// <param name="Input">What it expects of images.</param>
/// <param name="Labels">The number of labels.</param>
/// <param name="LabelNames">Their names, or none.</param>
/// <param name="Options">What it is made of, as JSON: the text that <see cref="SegmentationModel.OptionsToJson"/> gave.</param>
public sealed record ManifestModel(
    string Architecture, string Description, ModelInput Input, int Labels, IReadOnlyList<string> LabelNames, string Options)
{
    /// <summary>Describes a network.</summary>
    /// <param name="model">The network.</param>
    /// <returns>What the manifest keeps of it.</returns>
    public static ManifestModel Of(SegmentationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ManifestModel(
            model.Architecture, model.Description, model.Input, model.Labels, [.. model.LabelNames], model.OptionsToJson());
    }
}
