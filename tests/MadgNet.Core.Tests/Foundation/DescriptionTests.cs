using System.Reflection;
using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Losses;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;

namespace MadgNet.Core.Tests.Foundation;

/// <summary>
/// Every loss, schedule, transform and optimizer of the library says all that it is made of: whatever parameter is changed, its
/// description changes. A parameter that is added later and not declared fails here.
/// </summary>
public sealed class DescriptionTests
{
    public static TheoryData<Type> Kinds =>
    [
        .. typeof(SegmentationLoss).Assembly.GetExportedTypes().Where(type => !type.IsAbstract && typeof(IDescribed).IsAssignableFrom(type)
            && (typeof(SegmentationLoss).IsAssignableFrom(type) || typeof(LearningRateSchedule).IsAssignableFrom(type)
                || typeof(SegmentationTransform).IsAssignableFrom(type) || typeof(OptimizerOptions).IsAssignableFrom(type)
                || type == typeof(GradientClipping) || type == typeof(EarlyStopping) || type == typeof(DeepSupervisionOptions)
                || type == typeof(BackendSettings))),
    ];

    [Theory, MemberData(nameof(Kinds))]
    public void A_parameter_that_is_changed_changes_the_description(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        ParameterInfo[] parameters = [.. constructor.GetParameters().Where(parameter => parameter.ParameterType != type)];
        object?[] usual = [.. parameters.Select(Usual)];
        string before = Text(Create(constructor, usual)!);
        for (int i = 0; i < parameters.Length; i++)
        {
            object?[] changed = [.. usual];
            bool isChanged = Changes(usual[i]).Any(value =>
            {
                changed[i] = value;
                return Create(constructor, changed) is { } other && Text(other) != before;
            });
            Assert.True(isChanged, $"{type.Name}: {parameters[i].Name} is not described");
        }

        foreach (PropertyInfo property in type.GetProperties()
            .Where(property => property.SetMethod is not null && property.Name != "LabelWeights"))
        {
            object original = Create(constructor, usual)!;
            object? value = property.GetValue(original)
                ?? (Nullable.GetUnderlyingType(property.PropertyType) is { } inner
                    ? Activator.CreateInstance(inner)
                    : new double[] { 1, 2 });
            bool isChanged = Changes(value).Any(next =>
            {
                object copy = Create(constructor, usual)!;
                try
                {
                    property.SetValue(copy, next);
                }
                catch (TargetInvocationException)
                {
                    return false;
                }

                return Text(copy) != before;
            });
            Assert.True(isChanged, $"{type.Name}: {property.Name} is not described");
        }
    }

    [Fact]
    public void Lists_numbers_and_nested_parts_have_names_of_their_own()
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Description.Add(texts, "Loss", new WeightedSumLoss((0.5, new DiceLoss(2)), (1, new FocalLoss())) { LabelWeights = [1, 2.5] });

        Assert.Equal("WeightedSumLoss", texts["Loss"]);
        Assert.Equal("0.5", texts["Loss.Weight1"]);
        Assert.Equal("DiceLoss", texts["Loss.Loss1"]);
        Assert.Equal("2", texts["Loss.Loss1.Smoothing"]);
        Assert.Equal("0.25", texts["Loss.Loss2.Alpha"]);
        Assert.Equal("[1, 2.5]", texts["Loss.LabelWeights"]);
        Assert.DoesNotContain(
            texts.Keys, name => name.Contains('_', StringComparison.Ordinal) || name.Contains('<', StringComparison.Ordinal));
    }

    [Fact]
    public void How_files_are_read_belongs_to_a_dataset()
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Description.Add(
            texts,
            "Reading",
            new FolderDatasetOptions
            {
                Window = MadgNet.Core.Imaging.IntensityWindow.CenterWidth(0, 200),
                Labels = [LabelSource.Indices("cup", 2)]
            });

        Assert.Equal("[-100, 100]", texts["Reading.Window.Values"]);
        Assert.Equal("cup", texts["Reading.Labels[0].Name"]);
        Assert.Equal("[2]", texts["Reading.Labels[0].Values"]);
    }

    private static string Text(object value)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Description.Add(texts, "x", value);
        return string.Join('\n', texts);
    }

    private static object? Create(ConstructorInfo constructor, object?[] arguments)
    {
        try
        {
            return constructor.Invoke(arguments);
        }
        catch (TargetInvocationException)
        {
            return null;
        }
    }

    private static object? Usual(ParameterInfo parameter) => parameter.ParameterType switch
    {
        { IsEnum: true } type => parameter.HasDefaultValue
            ? Enum.ToObject(type, parameter.DefaultValue!)
            : Enum.GetValues(type).GetValue(0),
        _ when parameter is { HasDefaultValue: true, DefaultValue: not null } => parameter.DefaultValue,
        var type when type == typeof(double) => 0.01,
        var type when type == typeof(int) => 32,
        var type when type == typeof(long) => 3L,
        var type when type == typeof(LearningRateSchedule) => new ConstantSchedule(0.1),
        var type when type == typeof(IDataset) => Discs.Dataset(2),
        var type when type == typeof(IReadOnlyList<long>) => new long[] { 2, 5 },
        var type when type == typeof(IReadOnlyList<float>) => new float[] { 0.5f },
        var type when type == typeof(IReadOnlyList<SegmentationTransform>) => new SegmentationTransform[]
        {
            new MadgNet.Core.Data.Transforms.HorizontalFlip()
        },
        var type when type == typeof(IReadOnlyList<(double, SegmentationLoss)>) => new (double, SegmentationLoss)[] { (1, new DiceLoss()) },
        var type => throw new InvalidOperationException($"No usual value of {type}: give one here."),
    };

    private static IEnumerable<object?> Changes(object? value) => value switch
    {
        double number => [number * 0.9, number * 1.1, number + 0.5, number + 1, number + 1e-6, 0.5],
        int number => [number + 1, number * 2],
        long number => [number + 1],
        bool flag => [!flag],
        Enum choice => Enum.GetValues(choice.GetType()).Cast<object>().Where(other => !other.Equals(choice)),
        ConstantSchedule => [new ConstantSchedule(0.2)],
        IDataset => [Discs.Dataset(3)],
        long[] => [new long[] { 2, 6 }],
        float[] => [new float[] { 0.25f }],
        double[] => [new double[] { 2, 3 }],
        SegmentationTransform[] => [new SegmentationTransform[] { new MadgNet.Core.Data.Transforms.VerticalFlip() }],
        (double, SegmentationLoss)[] => [new (double, SegmentationLoss)[] { (2, new DiceLoss()) }],
        SegmentationLoss => [new FocalLoss(3)],
        _ => throw new InvalidOperationException($"No changed value of {value?.GetType()}: give one here."),
    };
}
