using MadgNet.Core.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>Which optimizer trains, and how it treats the parts of a network. <see cref="AdamOptions"/> is the published one.</summary>
public abstract record OptimizerOptions : IDescribed
{
    /// <summary>
    /// How strongly weights are drawn to zero; 0 or more. Added to the gradient, but decoupled from it in <see cref="AdamWOptions"/>.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// Whether the decay also acts on what has one axis or none: the weights of normalisations, biases, and the attention's
    /// α and β. Default false. Without a decay it changes nothing.
    /// </summary>
    public bool DecayNormsAndBiases { get; init; }

    /// <summary>
    /// What the learning rate is multiplied with for the encoder; above 0. Default 1, as published. To keep the encoder as it is, freeze it
    /// instead.
    /// </summary>
    public double EncoderRateMultiplier { get; init; } = 1;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public abstract IReadOnlyList<Problem> Validate();

    /// <summary>Creates the optimizer.</summary>
    /// <param name="groups">What it is to train; at least one group, no parameter and no name twice. Put the model on its device
    /// before.</param>
    /// <returns>The optimizer; the caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">Options or groups are invalid; lists all problems.</exception>
    public abstract Optimizer Create(IReadOnlyList<ParameterGroup> groups);

    /// <summary>
    /// The parameters of a model in groups: encoder or decoder, with or without decay. Only groups that are not empty. Frozen
    /// parameters are among them, so that they can be thawed later.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <returns>The groups, encoder first.</returns>
    public IReadOnlyList<ParameterGroup> Group(SegmentationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var seen = new HashSet<IntPtr>();
        var groups = new Dictionary<(bool Encoder, bool Decays), List<(string, Parameter)>>();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            // A parameter that two modules share is trained once.
            if (!seen.Add(parameter.Handle))
            {
                continue;
            }

            bool encoder = model.IsEncoderParameter(name);
            bool decays = WeightDecay > 0 && (DecayNormsAndBiases || parameter.dim() > 1);
            if (!groups.TryGetValue((encoder, decays), out List<(string, Parameter)>? members))
            {
                groups.Add((encoder, decays), members = []);
            }

            members.Add((name, parameter));
        }

        return
        [
            .. groups
                .OrderByDescending(group => group.Key.Encoder)
                .ThenByDescending(group => group.Key.Decays)
                .Select(group => new ParameterGroup(
                    (group.Key.Encoder ? "encoder" : "decoder") + (WeightDecay > 0 && !group.Key.Decays ? ", no decay" : ""),
                    group.Value,
                    group.Key.Encoder ? EncoderRateMultiplier : 1,
                    group.Key.Decays ? WeightDecay : 0)),
        ];
    }

    /// <summary>
    /// What the optimizer is made of, beside its kind and the options that every one has: a training is resumed only with the
    /// same. By default the plain values of its public properties.
    /// </summary>
    /// <returns>Names and values: numbers, texts, truths, enumerations, lists of these.</returns>
    protected virtual IEnumerable<(string Name, object? Value)> Describe() => Description.Properties(this, typeof(OptimizerOptions));

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        .. Describe(),
        (nameof(WeightDecay), WeightDecay),
        (nameof(DecayNormsAndBiases), DecayNormsAndBiases),
        (nameof(EncoderRateMultiplier), EncoderRateMultiplier),
    ];

    /// <summary>What is wrong with the options that every optimizer has.</summary>
    /// <returns>The problems, for a derived class to add to.</returns>
    protected List<Problem> ValidateCommon()
    {
        var problems = new List<Problem>();
        Check(problems, nameof(WeightDecay), WeightDecay, WeightDecay >= 0, "0 or more", "0, or 1e-2 with AdamW");
        Check(problems, nameof(EncoderRateMultiplier), EncoderRateMultiplier, EncoderRateMultiplier > 0, "above 0", "1, or 0.1 for a "
            + "pretrained encoder");
        return problems;
    }

    internal static void Check(List<Problem> problems, string subject, double value, bool valid, string expected, string use)
    {
        if (!valid || !double.IsFinite(value))
        {
            problems.Add(new Problem(subject, FormattableString.Invariant($"{value}"), $"a finite number, {expected}", $"Use {use}"));
        }
    }
}
