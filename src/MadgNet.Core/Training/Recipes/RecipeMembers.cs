using System.Reflection;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models.Registry;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MadgNet.Core.Training.Recipes;

/// <summary>What a type shows in a recipe's JSON: the parameters of its largest constructor, and what can be set besides.</summary>
internal sealed class RecipeMembers
{
    /// <summary>What a program hands over and no file can hold.</summary>
    private static readonly Type[] OfTheHost =
    [
        typeof(ModelRegistry), typeof(IImageReader), typeof(ILogger), typeof(torch.Device), typeof(IProgress<DataLoadException>),
        typeof(IReadOnlyList<ITrainingObserver>), typeof(ProcessGroup),
    ];

    /// <summary>What the recipe itself says, so that nothing can contradict it.</summary>
    private static readonly (Type Type, string Name)[] OfTheRecipe =
    [
        (typeof(BatchLoaderOptions), nameof(BatchLoaderOptions.BatchSize)),
        (typeof(BatchLoaderOptions), nameof(BatchLoaderOptions.Shuffle)),
        (typeof(BatchLoaderOptions), nameof(BatchLoaderOptions.DropLast)),
        (typeof(BatchLoaderOptions), nameof(BatchLoaderOptions.Seed)),
        (typeof(TrainerOptions), nameof(TrainerOptions.OutputFolder)),
    ];

    private RecipeMembers(ConstructorInfo constructor, IReadOnlyList<RecipeMember> all)
    {
        Constructor = constructor;
        All = all;
    }

    public ConstructorInfo Constructor { get; }

    public IReadOnlyList<RecipeMember> All { get; }

    public static RecipeMembers Of(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)
            ?? throw new InvalidOperationException(
                $"Received {type.Name}, which has no public constructor; expected one. Give it one, or leave it out of the recipe.");
        PropertyInfo[] properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public);
        var context = new NullabilityInfoContext();
        List<RecipeMember> members = [.. constructor.GetParameters().Select(parameter => new RecipeMember(
            JsonName(parameter.Name!),
            parameter.ParameterType,
            context.Create(parameter).ReadState == NullabilityState.Nullable,
            parameter,
            Array.Find(properties, property => property.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase))))];
        members.AddRange(properties
            .Where(property => property.SetMethod is { IsPublic: true }
                && property.GetIndexParameters().Length == 0
                && !OfTheHost.Contains(property.PropertyType)
                && !OfTheRecipe.Contains((type, property.Name))
                && !members.Exists(member => member.Property?.Name == property.Name))
            .OrderBy(property => property.MetadataToken)
            .Select(property => new RecipeMember(
                JsonName(property.Name),
                property.PropertyType,
                context.Create(property).ReadState == NullabilityState.Nullable,
                null,
                property)));
        return new RecipeMembers(constructor, members);
    }

    /// <summary>A property's name in JSON: its first letter in lower case.</summary>
    public static string JsonName(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>The type of a list's entries; null where a type is no list.</summary>
    public static Type? EntryOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
}
