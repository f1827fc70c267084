using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training.Optimization;

namespace MadgNet.Core.Training.Recipes;

/// <summary>
/// The names that transforms, losses, schedules, optimizers and metrics have in a recipe's JSON. A host adds its own, and hands the
/// result to <see cref="Recipe.FromJson"/> and <see cref="Recipe.ToJson(RecipeParts)"/>. It does not change: <see cref="With{TPart}"/>
/// gives another one.
/// </summary>
/// <remarks>
/// A part is read and written by its public properties that can be set, and the parameters of its public constructor with the most of
/// them, each of which has a property of the same name.
/// </remarks>
public sealed class RecipeParts
{
    private static readonly Type[] Kinds =
        [typeof(SegmentationTransform), typeof(SegmentationLoss), typeof(LearningRateSchedule), typeof(OptimizerOptions)];

    private readonly IReadOnlyDictionary<Type, string> _names;
    private readonly IReadOnlyList<Metric> _metrics;

    private RecipeParts(IReadOnlyDictionary<Type, string> names, IReadOnlyList<Metric> metrics)
    {
        _names = names;
        _metrics = metrics;
    }

    /// <summary>The parts of this library: <c>horizontalFlip</c>, <c>dice</c>, <c>cosineAnnealing</c>, <c>adamW</c> and so on.</summary>
    public static RecipeParts BuiltIn { get; } = new(
        new[]
        {
            typeof(ColorJitter), typeof(Compose), typeof(ElasticDeformation), typeof(GaussianBlur), typeof(GaussianNoise),
            typeof(HorizontalFlip), typeof(Letterbox), typeof(MinMaxIntensity), typeof(Normalize), typeof(RandomAffine),
            typeof(RandomCrop), typeof(RandomGamma), typeof(RandomResizedCrop), typeof(RandomRightAngle), typeof(RandomRotation),
            typeof(Resize), typeof(VerticalFlip),
            typeof(BinaryCrossEntropyLoss), typeof(ClDiceLoss), typeof(DiceLoss), typeof(FocalLoss), typeof(FocalTverskyLoss),
            typeof(HausdorffDistanceLoss), typeof(JaccardLoss), typeof(LogCoshDiceLoss), typeof(LovaszHingeLoss),
            typeof(MatthewsCorrelationLoss), typeof(MeanSquaredErrorLoss), typeof(SignedDistanceBoundaryLoss), typeof(StructureLoss),
            typeof(TverskyLoss), typeof(WeightedSumLoss),
            typeof(ConstantSchedule), typeof(CosineAnnealingSchedule), typeof(MultiStepSchedule), typeof(OneCycleSchedule),
            typeof(PolynomialSchedule), typeof(ReduceOnPlateauSchedule), typeof(WarmUpSchedule),
            typeof(AdamOptions), typeof(AdamWOptions), typeof(SgdOptions),
        }.ToDictionary(type => type, UsualName),
        Metric.BuiltIn);

    /// <summary>The parts with one more of a host's; one that has the name already gives it up.</summary>
    /// <typeparam name="TPart">A transform, loss, schedule or record of optimizer options.</typeparam>
    /// <param name="name">Its name in JSON.</param>
    /// <returns>The parts; these here stay as they are.</returns>
    /// <exception cref="InvalidOptionsException">The name is empty, or the type is no part or has no public constructor.</exception>
    public RecipeParts With<TPart>(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Type type = typeof(TPart);
        if (name.Length == 0 || type.IsAbstract || !Kinds.Any(kind => kind.IsAssignableFrom(type)) || type.GetConstructors().Length == 0)
        {
            throw new InvalidOptionsException(nameof(RecipeParts), [new Problem(
                type.Name,
                $"a {type.Name} under the name '{name}'",
                $"a type with a public constructor that derives from {string.Join(", ", Kinds.Select(kind => kind.Name))}, and a name",
                "Register the class of the part itself")]);
        }

        var names = _names.Where(entry => entry.Value != name || KindOf(entry.Key) != KindOf(type)).ToDictionary();
        names[type] = name;
        return new RecipeParts(names, _metrics);
    }

    /// <summary>The parts with a metric of a host's, which JSON names by its <see cref="Metric.Name"/>.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>The parts; these here stay as they are.</returns>
    public RecipeParts WithMetric(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return new RecipeParts(_names, [.. _metrics.Where(known => known.Name != metric.Name), metric]);
    }

    /// <summary>The metrics that can be named.</summary>
    internal IReadOnlyList<Metric> Metrics => _metrics;

    /// <summary>The name of a part's type; null where it has none.</summary>
    internal string? NameOf(Type type) => _names.GetValueOrDefault(type);

    /// <summary>Whether values of a type are told apart by a name in JSON.</summary>
    internal static bool IsKind(Type type) => Array.IndexOf(Kinds, type) >= 0;

    /// <summary>The types of a kind with their names.</summary>
    internal IReadOnlyDictionary<string, Type> Of(Type kind) => _names
        .Where(entry => kind.IsAssignableFrom(entry.Key))
        .ToDictionary(entry => entry.Value, entry => entry.Key, StringComparer.Ordinal);

    private static Type? KindOf(Type type) => Array.Find(Kinds, kind => kind.IsAssignableFrom(type));

    private static string UsualName(Type type)
    {
        string name = type.Name;
        foreach (string end in new[] { "Loss", "Schedule", "Options" })
        {
            name = name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : name;
        }

        return RecipeMembers.JsonName(name);
    }
}
