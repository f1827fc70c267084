using System.Text.Json.Nodes;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>Smallest, largest and mean of what is a number.</summary>
internal sealed class ValueStatistics
{
    private double _least = double.PositiveInfinity;
    private double _most = double.NegativeInfinity;
    private double _sum;
    private long _count;
    private long _others;

    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            _others++;
            return;
        }

        _least = Math.Min(_least, value);
        _most = Math.Max(_most, value);
        _sum += value;
        _count++;
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["min"] = CommandOutput.Number(_least),
            ["max"] = CommandOutput.Number(_most),
            ["mean"] = CommandOutput.Number(_count == 0 ? double.NaN : _sum / _count),
        };
        if (_others > 0)
        {
            json["notNumbers"] = _others;
        }

        return json;
    }
}
