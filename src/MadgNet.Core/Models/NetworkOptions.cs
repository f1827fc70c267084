using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Core.Models;

/// <summary>
/// What a network is made of, whatever its kind: <see cref="MadgNetOptions"/>, <see cref="UNetOptions"/>, or a record of a host's for a
/// network of its own. A <see cref="MadgNet.Core.Training.Recipes.Recipe"/> holds one.
/// </summary>
public abstract record NetworkOptions
{
    /// <summary>The name of the kind of network, as in <see cref="SegmentationModel.Architecture"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public abstract string Architecture { get; }

    /// <summary>What the network expects of images. Default: RGB over the file's full range.</summary>
    public ModelInput Input { get; init; } = new();

    /// <summary>n, the number of labels; 1 or more, one independent sigmoid map each (multi-label, never softmax). Default 1.</summary>
    public int Labels { get; init; } = 1;

    /// <summary>A name for each label, or empty. Default empty.</summary>
    public IReadOnlyList<string> LabelNames { get; init => field = Copy(value); } = [];

    /// <summary>
    /// How far the running statistics of batch normalisation move towards each batch; above 0, at most 1. Default 0.1, as
    /// published; short trainings on small sets do better with 0.3.
    /// </summary>
    public double BatchNormMomentum { get; init; } = 0.1;

    /// <summary>The options as JSON: what <see cref="SegmentationModel.OptionsToJson"/> of the network gives.</summary>
    /// <returns>One line of JSON.</returns>
    public abstract string ToJson();

    /// <summary>Everything that is wrong with these options, names looked up in a registry; empty when nothing is.</summary>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <returns>The problems.</returns>
    public abstract IReadOnlyList<Problem> Validate(ModelRegistry registry);

    /// <summary>Builds the network.</summary>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <param name="seed">The seed that fresh weights follow from.</param>
    /// <returns>The network, in training mode. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public abstract SegmentationModel Build(ModelRegistry registry, long seed);

    /// <summary>A list that its giver cannot change any more. Null stays null, for the validation to find.</summary>
    private protected static IReadOnlyList<T> Copy<T>(IReadOnlyList<T> list) => list is null ? null! : [.. list];

    /// <summary>What is wrong with labels and input, which are not null.</summary>
    private protected List<Problem> ValidateCommon()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Labels), Labels, 1);
        problems.AddRange(Input.Validate().Select(problem => problem with { Subject = $"{nameof(Input)}.{problem.Subject}" }));
        if (LabelNames.Count != 0
            && (LabelNames.Count != Labels
                || LabelNames.Any(string.IsNullOrWhiteSpace)
                || LabelNames.Distinct(StringComparer.Ordinal).Count() != Labels))
        {
            problems.Add(new Problem(
                nameof(LabelNames),
                $"[{string.Join(", ", LabelNames)}] for {Labels} labels",
                "no names, or one distinct name for each label",
                "Name every label once, or none"));
        }

        if (double.IsNaN(BatchNormMomentum) || BatchNormMomentum <= 0 || BatchNormMomentum > 1)
        {
            problems.Add(new Problem(
                nameof(BatchNormMomentum),
                FormattableString.Invariant($"{BatchNormMomentum}"),
                "above 0, at most 1",
                "Use 0.1 as published, or 0.3 for short trainings"));
        }

        return problems;
    }
}
