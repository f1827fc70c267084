using System.Collections;
using System.Globalization;
using System.Reflection;

namespace MadgNet.Core.Foundation;

/// <summary>Writes what objects say of themselves as names and texts. Nothing is read that is not public or declared.</summary>
internal static class Description
{
    private const int MaximumDepth = 12;

    /// <summary>Adds a value under a name, and what it is made of under names below that.</summary>
    public static void Add(IDictionary<string, string> texts, string name, object? value, int depth = 0)
    {
        switch (value)
        {
            case null:
                texts[name] = "none";
                return;
            case string text:
                texts[name] = text;
                return;
            case double or float or Half:
                texts[name] = ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture);
                return;
            case IFormattable plain:
                texts[name] = plain.ToString(null, CultureInfo.InvariantCulture);
                return;
            case bool flag:
                texts[name] = flag ? "true" : "false";
                return;
            case IDescribed described:
                texts[name] = NameOf(value.GetType());
                if (depth < MaximumDepth)
                {
                    foreach ((string part, object? content) in described.Describe())
                    {
                        Add(texts, $"{name}.{part}", content, depth + 1);
                    }
                }

                return;
            case TorchSharp.torch.Tensor or TorchSharp.torch.nn.Module or Delegate or Type:
                texts[name] = NameOf(value.GetType());
                return;
            case IEnumerable items when depth < MaximumDepth:
                AddItems(texts, name, [.. items.Cast<object?>()], depth);
                return;
        }

        // A host's value of another kind: what it shows.
        texts[name] = NameOf(value.GetType());
        if (depth < MaximumDepth)
        {
            foreach ((string part, object? content) in Properties(value, typeof(object)))
            {
                Add(texts, $"{name}.{part}", content, depth + 1);
            }
        }
    }

    /// <summary>The plain values of the public properties that a type has beyond a base class of this library.</summary>
    public static IEnumerable<(string Name, object? Value)> Properties(object value, Type stop) => value.GetType()
        .GetProperties(BindingFlags.Instance | BindingFlags.Public)
        .Where(property => property.CanRead
            && property.GetIndexParameters().Length == 0
            && IsPlain(property.PropertyType)
            && !property.DeclaringType!.IsAssignableFrom(stop))
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => (property.Name, property.GetValue(value)));

    /// <summary>
    /// Whether a host's type may hold what nobody sees: it does not override <c>Describe</c>, and has fields beyond its public
    /// properties.
    /// </summary>
    public static bool IsSilent(object value)
    {
        Type type = value.GetType();
        bool IsOurs(Type? part) => part is null || part.Assembly == typeof(Description).Assembly;
        bool describes = type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Any(method => method.Name == nameof(IDescribed.Describe) && !IsOurs(method.DeclaringType))
            || (value is IDescribed && type.GetInterfaceMap(typeof(IDescribed)).TargetMethods.Any(method => !IsOurs(method.DeclaringType)));
        if (IsOurs(type) || describes)
        {
            return false;
        }

        for (Type? part = type; part is not null
            && part.Assembly != typeof(Description).Assembly
            && part != typeof(object); part = part.BaseType)
        {
            FieldInfo[] fields = part.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
            int shown = part.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Count(property => IsPlain(property.PropertyType));
            if (fields.Length > shown)
            {
                return true;
            }
        }

        return false;
    }

    public static string NameOf(Type type)
    {
        string name = type.IsGenericType ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;
        return type.Assembly == typeof(Description).Assembly || type.Namespace is null ? name : $"{type.Namespace}.{name}";
    }

    private static void AddItems(IDictionary<string, string> texts, string name, object?[] items, int depth)
    {
        if (items.All(item => item is null or string or IFormattable or bool))
        {
            texts[name] = $"[{string.Join(", ", items.Select(Text))}]";
            return;
        }

        texts[name] = $"{items.Length} entries";
        for (int i = 0; i < items.Length; i++)
        {
            Add(texts, string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), items[i], depth + 1);
        }
    }

    private static string Text(object? item)
    {
        var text = new Dictionary<string, string>();
        Add(text, "", item);
        return text[""];
    }

    private static bool IsPlain(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan)
            || typeof(IDescribed).IsAssignableFrom(type);
    }
}
