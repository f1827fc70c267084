using Microsoft.Extensions.Options;

namespace MadgNet.Onnx.Hosting;

/// <summary>The options' own check, as the host's options know it: it runs when the host starts.</summary>
internal sealed class PredictorOptionsCheck : IValidateOptions<HostedPredictorOptions>
{
    public ValidateOptionsResult Validate(string? name, HostedPredictorOptions options)
    {
        string[] problems = [.. options.Validate().Select(problem => $"{name}: {problem}")];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
