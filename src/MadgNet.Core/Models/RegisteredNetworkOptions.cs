using MadgNet.Core.Models.Registry;

namespace MadgNet.Core.Models;

/// <summary>
/// A network of a host's by the name that a <see cref="ModelRegistry"/> knows it by, where the host has no options record of its own:
/// in recipes that are JSON, for example.
/// </summary>
public sealed record RegisteredNetworkOptions : NetworkOptions
{
    /// <summary>Names a network.</summary>
    /// <param name="architecture">The name of its <see cref="ArchitectureEntry"/>.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public RegisteredNetworkOptions(string architecture)
    {
        ArgumentException.ThrowIfNullOrEmpty(architecture);
        Architecture = architecture;
    }

    /// <inheritdoc/>
    public override string Architecture { get; }

    /// <summary>
    /// The network's own options: a JSON object as its <see cref="SegmentationModel.OptionsToJson"/> gives, which its entry reads. Default
    /// <c>{}</c>.
    /// </summary>
    public string Options { get; init; } = "{}";

    /// <inheritdoc/>
    public override string ToJson() => Options;

    /// <summary>Everything that is wrong with the options, whatever the registry holds.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<Problem> Validate() => Input is null || LabelNames is null || Options is null
        ? [new Problem("options", "null for Input, LabelNames or Options", "a value", "Leave the defaults or set a value")]
        : ValidateCommon();

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Validate(ModelRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        List<Problem> problems = [.. Validate()];
        registry.Find<ArchitectureEntry>(problems, nameof(Architecture), Architecture);
        return problems;
    }

    /// <inheritdoc/>
    public override SegmentationModel Build(ModelRegistry registry, long seed)
    {
        ArgumentNullException.ThrowIfNull(registry);
        InvalidOptionsException.ThrowIfAny(Architecture, Validate(registry));
        return registry.Get<ArchitectureEntry>(Architecture).Create(new ArchitectureContext
        {
            Options = Options,
            Input = Input,
            Labels = Labels,
            LabelNames = LabelNames,
            Registry = registry,
            Seed = seed,
        });
    }
}
