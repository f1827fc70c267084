using MadgNet.AspNetCore;
using MadgNet.Onnx.Hosting;

// Segments images over HTTP with an ONNX file, which 'madgnet export' or OnnxExporter makes:
//
//   dotnet run -- --Model:Path=model.onnx
//   curl -F image=@image.png http://127.0.0.1:8080/segment
//
// The page to try the network on is at http://127.0.0.1:8080, the description for machines at /openapi.json. The service has no
// password and no encryption: put it behind a proxy that has both before others reach it.

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
IConfigurationSection model = builder.Configuration.GetSection("Model");
builder.Services
    .AddMadgNet("model", model["Path"] ?? "model.onnx", model.Bind)
    .AddHealthCheck();
builder.Services.AddMadgNetService(builder.Configuration.GetSection("Service").Bind);

WebApplication app = builder.Build();
app.MapMadgNet("/segment");
app.MapHealthChecks("/health");
app.Run();
