using System.Collections;
using System.Globalization;
using System.Reflection;
using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Metrics;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Reporting;

/// <summary>Settings as words: every public property under its path, <c>Schedule.Initial</c> = <c>0.0001</c>.</summary>
internal static class SettingsText
{
    private const int Deepest = 6;

    public static IReadOnlyDictionary<string, string> Of(object settings)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        AddProperties(texts, "", settings, 0);
        return texts;
    }

    private static void Add(SortedDictionary<string, string> texts, string path, object? value, int depth)
    {
        switch (value)
        {
            case null:
                texts[path] = "none";
                break;
            case string text:
                texts[path] = text;
                break;
            case double or float or decimal:
                texts[path] = ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
                break;
            case IFormattable or bool or TorchSharp.torch.Device:
                texts[path] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                break;
            case Metric metric:
                texts[path] = metric is CustomMetric { Definition.Length: > 0 } own ? $"{own.Name}, {own.Definition}" : metric.Name;
                break;
            case IDescribed and not IDataset:
                Description.Add(texts, path, value, depth);
                break;
            case Delegate or ILogger or ITrainingObserver or IDataset or Type:
                texts[path] = Name(value.GetType());
                break;
            case IEnumerable items:
                AddItems(texts, path, items, depth);
                break;
            default:
                texts[path] = Name(value.GetType());
                if (depth < Deepest && value.GetType().Assembly == typeof(SettingsText).Assembly)
                {
                    AddProperties(texts, path + ".", value, depth + 1);
                }

                break;
        }
    }

    private static void AddItems(SortedDictionary<string, string> texts, string path, IEnumerable items, int depth)
    {
        object?[] list = [.. items.Cast<object?>()];
        if (list.All(item => item is null or string or IFormattable or bool))
        {
            texts[path] = $"[{string.Join(", ", list.Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)))}]";
            return;
        }

        for (int i = 0; i < list.Length; i++)
        {
            Add(texts, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), list[i], depth + 1);
        }
    }

    private static void AddProperties(SortedDictionary<string, string> texts, string prefix, object value, int depth)
    {
        foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length == 0 && property.CanRead)
            {
                Add(texts, prefix + property.Name, property.GetValue(value), depth);
            }
        }
    }

    private static string Name(Type type) => type.IsGenericType ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;
}
